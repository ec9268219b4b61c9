-- account_id names one account in one mode ('acct_…:test', 'acct_…:live'), so test and live data never meet. It leads
-- every key and every predicate, so that the tables can be distributed by account.

create table payment_vault.idempotency_keys (
  account_id text not null,
  key text not null,
  created bigint not null,
  endpoint text not null,
  -- A keyed hash of the decoded parameters. It shows that they differ and does not reveal them.
  parameters bytea not null,
  request_id text not null,
  version text not null,
  -- The answer: as a whole, or (attach, detach) as an outcome with the object or event that it is rendered from.
  status smallint,
  body text,
  outcome text,
  object jsonb,
  event_id text,
  constraint idempotency_keys_pkey primary key (account_id, key)
);

-- The removal of old keys reads this index. It adds 100 bytes of WAL to an attach's 2,800 and 8 bytes to a key.
create index idempotency_keys_by_created on payment_vault.idempotency_keys (account_id, created);

-- The first use of an idempotency key by a call that asks the processor, from before the first question until the
-- call's end. The processor's keys follow from `id`, which is random: a call that retries after a crash finds it here.
create table payment_vault.claims (
  account_id text not null,
  key text not null,
  id text not null,
  created bigint not null,
  -- The kind of caller: secret, publishable or in-process. Each kind has claims of its own: a browser's claim never
  -- blocks the merchant's key.
  caller text not null,
  endpoint text not null,
  parameters bytea not null,
  constraint claims_pkey primary key (account_id, key, caller)
);

-- For the removal of claims whose calls never ended.
create index claims_by_created on payment_vault.claims (account_id, created);
