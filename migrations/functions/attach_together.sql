-- revision 1
-- Attaches many payment methods as one set. The calls are sorted by payment method id, and no two share a payment method
-- or a key. payment_vault.attach then decides the rest one by one, and gives the reasons.
--
-- A key that was used before makes the insert fail, and with it the whole batch. So does a lock that is held for longer
-- than p_wait, which also ends a deadlock with a caller that takes the key first. The batcher then sends the calls one
-- by one.
--
-- Measured over HTTP with 64 connections, two batches of up to 32 at the same time, a million payment methods, all on two
-- busy cores, median of interleaved runs: one call each 1,280 attaches/s, payment_vault.attach in a loop 2,920, this
-- function 3,340; CPU of Postgres for each attach 725, 266 and 189 µs. For a single call payment_vault.attach is faster.
create or replace function payment_vault.attach_together(
  p_account text,
  p_created bigint,
  p_payment_methods text[],
  p_customers text[],
  p_verified boolean[],
  p_checks jsonb[],
  p_events text[],
  p_requests text[],
  p_keys text[],
  p_endpoints text[],
  p_parameters bytea[],
  p_versions text[],
  p_wait text
)
returns table (call integer, outcome text, object jsonb, token text, replay_of text, endpoint text, version text, status smallint, body text)
language plpgsql
set lock_timeout = '5s'
-- The plan is kept. One that was made for a small table must not scan a large one.
set enable_seqscan = off
-- Planning takes longer than the call itself, and Postgres would plan each call anew for short arrays.
set plan_cache_mode = force_generic_plan
as $$
declare
  v_customers text[];
  v_objects jsonb[] := array_fill(null::jsonb, array[cardinality(p_payment_methods)]);
  v_row payment_vault.payment_methods%rowtype;
begin
  perform set_config('lock_timeout', p_wait, true);

  v_customers := array(
    select c.id from payment_vault.customers c
    where c.account_id = p_account and c.id = any (p_customers) and not c.deleted
    order by c.id collate "C"
    for key share);

  for v_row in
    update payment_vault.payment_methods m
    set state = 'attached',
        customer_id = c.customer,
        details = payment_vault.attached_details(m.details, c.checks)
    from unnest(p_payment_methods, p_customers, p_verified, p_checks) as c (id, customer, verified, checks)
    where m.account_id = p_account and m.id = c.id and c.customer = any (v_customers)
      and payment_vault.attachable(m.state, m.held_by, m.verify, c.verified)
    returning m.*
  loop
    v_objects[array_position(p_payment_methods, v_row.id)] := payment_vault.payment_method_object(v_row);
  end loop;

  perform payment_vault.write_events(
    p_account, p_created, 'payment_method.attached', p_events, v_objects, p_requests, p_keys);

  insert into payment_vault.idempotency_keys
    (account_id, key, created, endpoint, parameters, request_id, version, outcome, event_id)
  select p_account, c.key, p_created, c.endpoint, c.parameters, c.request, c.version, 'attached', c.event
  from unnest(p_keys, p_endpoints, p_parameters, p_requests, p_versions, p_events, v_objects)
    as c (key, endpoint, parameters, request, version, event, object)
  where c.endpoint is not null and c.object is not null
  order by c.key collate "C";

  return query
  select c.place::integer, 'attached', c.object, null::text, null::text, null::text, null::text, null::smallint, null::text
  from unnest(v_objects) with ordinality as c (object, place)
  where c.object is not null;

  for v_call in 1 .. cardinality(p_payment_methods) loop
    continue when v_objects[v_call] is not null;
    return query
    select v_call, d.outcome, d.object, d.token, d.replay_of, d.endpoint, d.version, d.status, d.body
    from payment_vault.attach(
      p_account, p_created, p_payment_methods[v_call:v_call], p_customers[v_call:v_call], p_verified[v_call:v_call],
      p_checks[v_call:v_call], p_events[v_call:v_call], p_requests[v_call:v_call], p_keys[v_call:v_call],
      p_endpoints[v_call:v_call], p_parameters[v_call:v_call], p_versions[v_call:v_call], p_wait) d;
  end loop;
end
$$;
