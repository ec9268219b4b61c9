-- revision 1
-- Returns whether an endpoint wants events of this type, for an event written in that second since 1970.
create or replace function payment_vault.endpoint_wants(
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

-- Writes an event and one delivery for each endpoint that wants it. The caller is in the transaction of the change.
create or replace function payment_vault.write_event(
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
