-- The intent that is being confirmed with an unattached payment method: until that has ended, nobody else can attach it
-- or pay with it.
alter table payment_vault.payment_methods add column held_by text;

create table payment_vault.setup_intents (
  account_id text not null,
  id text not null,
  created bigint not null,
  status text not null,
  customer_id text,
  payment_method_id text,
  latest_attempt_id text,
  -- What the object shows and nothing is looked up by, and what its next confirm needs to know.
  details jsonb not null,
  metadata jsonb not null,
  constraint setup_intents_pkey primary key (account_id, id),
  constraint setup_intents_status_check check (status in ('requires_payment_method', 'requires_confirmation',
    'requires_action', 'processing', 'succeeded', 'canceled'))
);

create index setup_intents_by_created on payment_vault.setup_intents (account_id, created desc, id desc);

create index setup_intents_by_customer on payment_vault.setup_intents (account_id, customer_id, created desc, id desc)
where customer_id is not null;

create index setup_intents_by_payment_method
on payment_vault.setup_intents (account_id, payment_method_id, created desc, id desc)
where payment_method_id is not null;

create table payment_vault.setup_attempts (
  account_id text not null,
  id text not null,
  created bigint not null,
  setup_intent_id text not null,
  status text not null,
  customer_id text,
  payment_method_id text not null,
  details jsonb not null,
  constraint setup_attempts_pkey primary key (account_id, id)
);

create index setup_attempts_by_setup_intent
on payment_vault.setup_attempts (account_id, setup_intent_id, created desc, id desc);

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
  -- What the processor knows the authorisation by; null for one that it refused.
  reference text,
  details jsonb not null,
  metadata jsonb not null,
  constraint charges_pkey primary key (account_id, id),
  constraint charges_status_check check (status in ('succeeded', 'pending', 'failed')),
  -- Whatever goes wrong above: no more is given back than was taken.
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

create table payment_vault.tokens (
  account_id text not null,
  id text not null,
  created bigint not null,
  type text not null,
  used boolean not null,
  -- What the object shows.
  details jsonb not null,
  -- The payment method that it becomes, with what the processor knows it by. Never the number.
  payment_method jsonb not null,
  constraint tokens_pkey primary key (account_id, id)
);

-- What the processor has been or is about to be asked, from before until its answer is written down: who comes after a
-- crash or a lost answer finds it here and asks again, under the same key.
create table payment_vault.operations (
  account_id text not null,
  -- The processor's idempotency key. It follows from the caller's, so that a repeated call finds its operation.
  id text not null,
  intent_id text not null,
  kind text not null,
  customer_id text,
  -- Milliseconds since 1970: until then whoever began is taken to be at work on it.
  busy_until bigint not null,
  -- All that it takes to finish it, and to answer the call that began it.
  intended jsonb not null,
  constraint operations_pkey primary key (account_id, id),
  constraint operations_intent_key unique (account_id, intent_id)
);
