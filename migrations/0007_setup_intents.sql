create table payment_vault.setup_intents (
  account_id text not null,
  id text not null,
  created bigint not null,
  status text not null,
  customer_id text,
  payment_method_id text,
  latest_attempt_id text,
  -- The parts of the object that no query reads, and what the next confirm needs.
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
