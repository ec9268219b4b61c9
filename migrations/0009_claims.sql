-- The first use of an idempotency key by a call that asks the processor, from before the first question until the
-- call's end. The processor's keys follow from `id`, which is random: a call that retries after a crash finds it here.
create table payment_vault.claims (
  account_id text not null,
  key text not null,
  id text not null,
  created bigint not null,
  -- The kind of caller: secret, publishable or in-process.
  caller text not null,
  endpoint text not null,
  parameters bytea not null,
  constraint claims_pkey primary key (account_id, key)
);

-- For the removal of claims whose calls never ended.
create index claims_by_created on payment_vault.claims (account_id, created);
