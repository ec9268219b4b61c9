create table payment_vault.payment_methods (
  account_id text not null,
  id text not null,
  created bigint not null,
  type text not null,
  -- Moves forward only: unattached -> attached -> detached; unattached -> consumed (a one-off payment).
  state text not null,
  customer_id text,
  -- The processor's token for the card. Never the number.
  token text,
  -- Whether the processor must verify the card before its attach.
  verify boolean not null,
  -- The hash that the object shows under the name of its type.
  details jsonb not null,
  billing_details jsonb not null,
  allow_redisplay text not null,
  metadata jsonb not null,
  -- The intent that is being confirmed with this unattached payment method. Until it ends, nothing else can attach it
  -- or pay with it.
  held_by text,
  constraint payment_methods_pkey primary key (account_id, id),
  constraint payment_methods_state_check check (state in ('unattached', 'attached', 'detached', 'consumed')),
  -- No foreign key on the customer: an attach locks the customer's row and checks that it is not deleted. A foreign key
  -- can't see that, and would check the row a second time.
  constraint payment_methods_customer_check check ((state = 'attached') = (customer_id is not null))
);

create index payment_methods_by_customer on payment_vault.payment_methods (account_id, customer_id, created desc, id desc)
where customer_id is not null;
