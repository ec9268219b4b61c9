-- account_id stands for one account in one mode ('acct_…:test', 'acct_…:live'): test and live data can't meet.
-- It leads every key and every predicate, so that the tables can be spread by account.

create table payment_vault.customers (
  account_id text not null,
  id text not null,
  created bigint not null,
  email text,
  default_payment_method text,
  -- What the object shows and nothing is ever looked up by: name, address, invoice settings, ...
  details jsonb not null,
  metadata jsonb not null,
  -- A deleted customer keeps its id, and only that: it can be retrieved as deleted and never used again.
  deleted boolean not null,
  -- What searches compare: email, name, phone and the values of metadata, folded to one case by the program, because
  -- what lower() does to letters beyond ASCII depends on how the database was made.
  search jsonb not null default '{}',
  constraint customers_pkey primary key (account_id, id)
);

create index customers_by_created on payment_vault.customers (account_id, created desc, id desc) where not deleted;

create index customers_by_email on payment_vault.customers (account_id, email, created desc, id desc)
where not deleted and email is not null;

create table payment_vault.payment_methods (
  account_id text not null,
  id text not null,
  created bigint not null,
  type text not null,
  -- Moves forward only: unattached -> attached -> detached; unattached -> consumed (a one-off payment).
  state text not null,
  customer_id text,
  -- What the processor knows the card by. Never the number.
  token text,
  -- The processor wants to be asked before this card is attached.
  verify boolean not null,
  -- The hash that the object shows under the name of its type.
  details jsonb not null,
  billing_details jsonb not null,
  allow_redisplay text not null,
  metadata jsonb not null,
  constraint payment_methods_pkey primary key (account_id, id),
  constraint payment_methods_state_check check (state in ('unattached', 'attached', 'detached', 'consumed')),
  -- No foreign key on the customer: whoever attaches holds the customer's row and has looked whether it is
  -- deleted, which a foreign key can't see and would only check a second time.
  constraint payment_methods_customer_check check ((state = 'attached') = (customer_id is not null))
);

create index payment_methods_by_customer on payment_vault.payment_methods (account_id, customer_id, created desc, id desc)
where customer_id is not null;

-- The outbox: written with the change that it tells of.
create table payment_vault.events (
  account_id text not null,
  -- It grows with time, so a list and the removal of old ones go by it. The order must be that of the bytes, whatever
  -- language the database sorts by.
  id text collate "C" not null,
  created bigint not null,
  type text not null,
  -- The object's row after the change, without what depends on the API version of whoever reads it.
  object jsonb not null,
  previous_attributes jsonb,
  request_id text,
  idempotency_key text,
  constraint events_pkey primary key (account_id, id)
);

create table payment_vault.idempotency_keys (
  account_id text not null,
  key text not null,
  created bigint not null,
  endpoint text not null,
  -- A keyed hash of the decoded parameters: enough to tell that they are others, not to get them back.
  parameters bytea not null,
  request_id text not null,
  version text not null,
  -- The answer: either whole, or (attach) as an outcome and the object it was made from.
  status smallint,
  body text,
  outcome text,
  object jsonb,
  event_id text,
  constraint idempotency_keys_pkey primary key (account_id, key)
);

-- For the removal of old keys. It costs an attach 100 bytes of log beside 2,800 and takes 8 bytes a key.
create index idempotency_keys_by_created on payment_vault.idempotency_keys (account_id, created);
