-- revision 1
-- Writes events of one type, as write_event does. Skips those without an object: their change did not take place.
create or replace function payment_vault.write_events(
  p_account text,
  p_created bigint,
  p_type text,
  p_ids text[],
  p_objects jsonb[],
  p_requests text[],
  p_keys text[]
)
returns void
language plpgsql
as $$
begin
  insert into payment_vault.events
    (account_id, id, created, type, object, request_id, idempotency_key)
  select p_account, v.id, p_created, p_type, v.object, v.request, v.key
  from unnest(p_ids, p_objects, p_requests, p_keys) as v (id, object, request, key)
  where v.object is not null;

  insert into payment_vault.webhook_deliveries (account_id, event_id, endpoint_id, state, attempts, due)
  select e.account_id, v.id, e.id, 'pending', 0, p_created * 1000
  from payment_vault.webhook_endpoints e
  cross join unnest(p_ids, p_objects) as v (id, object)
  where e.account_id = p_account
    and payment_vault.endpoint_wants(e.status, e.enabled_events, e.listens_until, p_type, p_created)
    and v.object is not null;
end
$$;
