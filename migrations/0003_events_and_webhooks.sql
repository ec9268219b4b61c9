-- The outbox: each event commits with the change that it describes.
create table payment_vault.events (
  account_id text not null,
  -- Grows with time, so lists and the removal of old events order by it. Collation "C" keeps the order of the bytes.
  id text collate "C" not null,
  created bigint not null,
  type text not null,
  -- The object's row after the change. Rendering adds what depends on the reader's API version.
  object jsonb not null,
  previous_attributes jsonb,
  request_id text,
  idempotency_key text,
  constraint events_pkey primary key (account_id, id)
);

create table payment_vault.webhook_endpoints (
  account_id text not null,
  id text not null,
  created bigint not null,
  url text not null,
  -- The API version of the events; null means the vault's default.
  api_version text,
  description text,
  enabled_events text[] not null,
  status text not null,
  metadata jsonb not null,
  -- The signing secret is derived from the id, this number and a key outside the database. After a roll the previous
  -- secret signs too, until previous_secret_until (seconds since 1970).
  secret_generation integer not null,
  previous_secret_until bigint,
  -- Set for the listener of a terminal: the end of its lease, in seconds since 1970. The API hides such an endpoint.
  listens_until bigint,
  constraint webhook_endpoints_pkey primary key (account_id, id),
  constraint webhook_endpoints_status_check check (status in ('enabled', 'disabled'))
);

-- One row for each event and each endpoint that wants it, written with the event.
create table payment_vault.webhook_deliveries (
  account_id text not null,
  event_id text collate "C" not null,
  endpoint_id text not null,
  state text not null,
  attempts integer not null,
  -- Milliseconds since 1970: the time to send it. During an attempt, the end of the worker's lease.
  due bigint not null,
  -- The result of the last attempt: an HTTP status, or the reason that there was none.
  response_status integer,
  failure text,
  constraint webhook_deliveries_pkey primary key (account_id, event_id, endpoint_id),
  constraint webhook_deliveries_state_check check (state in ('pending', 'delivered', 'failed'))
);

-- Finds out whether anything is due, for any account.
create index webhook_deliveries_due on payment_vault.webhook_deliveries (due) where state = 'pending';

-- Claims what is due for one endpoint, however much waits for the others.
create index webhook_deliveries_by_endpoint on payment_vault.webhook_deliveries (account_id, endpoint_id, due)
where state = 'pending';
