-- The requests to the processor, from before they are sent until their result is recorded. After a crash or a lost answer
-- another process finds the request here and sends it again, under the same key.
create table payment_vault.operations (
  account_id text not null,
  -- The processor's idempotency key. It is derived from the caller's, so that a repeated call finds its operation.
  id text not null,
  intent_id text not null,
  kind text not null,
  customer_id text,
  -- Milliseconds since 1970: the end of the lease of the process that works on it.
  busy_until bigint not null,
  -- Everything needed to finish the operation and to answer the call that began it.
  intended jsonb not null,
  constraint operations_pkey primary key (account_id, id),
  constraint operations_intent_key unique (account_id, intent_id)
);
