create table payment_vault.webhook_endpoints (
  account_id text not null,
  id text not null,
  created bigint not null,
  url text not null,
  -- The version that events are sent in; null stands for the vault's own default.
  api_version text,
  description text,
  enabled_events text[] not null,
  status text not null,
  metadata jsonb not null,
  -- The signing secret follows from the id, this number and a key that is not in the database. A rolled secret's
  -- predecessor signs too, until that second since 1970.
  secret_generation integer not null,
  previous_secret_until bigint,
  -- Set for whoever listens at a terminal: until when, in seconds since 1970. No call sees such an endpoint.
  listens_until bigint,
  constraint webhook_endpoints_pkey primary key (account_id, id),
  constraint webhook_endpoints_status_check check (status in ('enabled', 'disabled'))
);

-- One row for each event and endpoint that wants it, written with the event.
create table payment_vault.webhook_deliveries (
  account_id text not null,
  event_id text collate "C" not null,
  endpoint_id text not null,
  state text not null,
  attempts integer not null,
  -- Milliseconds since 1970: when it is to be sent. While it is being sent, when another worker may take it over.
  due bigint not null,
  -- What came of the last attempt: an HTTP status, or why there was none.
  response_status integer,
  failure text,
  constraint webhook_deliveries_pkey primary key (account_id, event_id, endpoint_id),
  constraint webhook_deliveries_state_check check (state in ('pending', 'delivered', 'failed'))
);

-- To find out whether there is anything to do, for anyone.
create index webhook_deliveries_due on payment_vault.webhook_deliveries (due) where state = 'pending';

-- To take what is due for one endpoint, however much waits for another.
create index webhook_deliveries_by_endpoint on payment_vault.webhook_deliveries (account_id, endpoint_id, due)
where state = 'pending';

-- Whether an endpoint is to be sent an event of this type, written in that second since 1970.
create function payment_vault.endpoint_wants(
  p_status text,
  p_enabled_events text[],
  p_listens_until bigint,
  p_type text,
  p_created bigint
)
returns boolean
language sql
immutable
as $$
  select p_status = 'enabled'
    and (p_type = any (p_enabled_events) or '*' = any (p_enabled_events))
    and (p_listens_until is null or p_listens_until > p_created)
$$;

-- Writes an event, and one delivery for each endpoint that wants events of its type. Whoever changes something calls
-- it in the transaction of the change.
create function payment_vault.write_event(
  p_account text,
  p_id text,
  p_created bigint,
  p_type text,
  p_object jsonb,
  p_previous jsonb,
  p_request text,
  p_key text
)
returns void
language plpgsql
as $$
begin
  insert into payment_vault.events
    (account_id, id, created, type, object, previous_attributes, request_id, idempotency_key)
  values (p_account, p_id, p_created, p_type, p_object, p_previous, p_request, p_key);

  insert into payment_vault.webhook_deliveries (account_id, event_id, endpoint_id, state, attempts, due)
  select e.account_id, p_id, e.id, 'pending', 0, p_created * 1000
  from payment_vault.webhook_endpoints e
  where e.account_id = p_account
    and payment_vault.endpoint_wants(e.status, e.enabled_events, e.listens_until, p_type, p_created);
end
$$;
