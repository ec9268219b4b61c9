create table payment_vault.payment_intents (
  account_id text not null,
  id text not null,
  created bigint not null,
  status text not null,
  -- In the smallest unit of the currency.
  amount bigint not null,
  amount_capturable bigint not null,
  amount_received bigint not null,
  currency text not null,
  customer_id text,
  payment_method_id text,
  latest_charge_id text,
  details jsonb not null,
  metadata jsonb not null,
  constraint payment_intents_pkey primary key (account_id, id),
  constraint payment_intents_status_check check (status in ('requires_payment_method', 'requires_confirmation',
    'requires_action', 'requires_capture', 'processing', 'succeeded', 'canceled'))
);

create index payment_intents_by_created on payment_vault.payment_intents (account_id, created desc, id desc);

create index payment_intents_by_customer
on payment_vault.payment_intents (account_id, customer_id, created desc, id desc)
where customer_id is not null;

create table payment_vault.charges (
  account_id text not null,
  id text not null,
  created bigint not null,
  status text not null,
  amount bigint not null,
  amount_captured bigint not null,
  amount_refunded bigint not null,
  currency text not null,
  captured boolean not null,
  customer_id text,
  payment_intent_id text not null,
  payment_method_id text,
  -- The processor's reference of the authorization; null where it declined.
  reference text,
  details jsonb not null,
  metadata jsonb not null,
  constraint charges_pkey primary key (account_id, id),
  constraint charges_status_check check (status in ('succeeded', 'pending', 'failed')),
  -- The last line of defence: refunds never exceed the captured amount.
  constraint charges_amount_check check (amount_refunded <= amount_captured and amount_captured <= amount)
);

create index charges_by_payment_intent on payment_vault.charges (account_id, payment_intent_id, created desc, id desc);

create index charges_by_created on payment_vault.charges (account_id, created desc, id desc);

create index charges_by_customer on payment_vault.charges (account_id, customer_id, created desc, id desc)
where customer_id is not null;

create table payment_vault.refunds (
  account_id text not null,
  id text not null,
  created bigint not null,
  status text not null,
  amount bigint not null,
  currency text not null,
  charge_id text not null,
  payment_intent_id text not null,
  reason text,
  metadata jsonb not null,
  constraint refunds_pkey primary key (account_id, id)
);

create index refunds_by_charge on payment_vault.refunds (account_id, charge_id, created desc, id desc);

create index refunds_by_payment_intent on payment_vault.refunds (account_id, payment_intent_id, created desc, id desc);

create index refunds_by_created on payment_vault.refunds (account_id, created desc, id desc);
