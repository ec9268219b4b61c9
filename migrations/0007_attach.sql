-- Calls of one account that arrive together share a transaction: the functions here take any number of them, and take
-- locks of a kind in ascending order, so that no two batches wait for each other.

-- As in 0003, but stable: so it is put into whatever calls it, which an immutable function with such a body is not.
create or replace function payment_vault.payment_method_object(p_row payment_vault.payment_methods)
returns jsonb
language sql
stable
as $$
  select jsonb_build_object(
    'id', p_row.id,
    'created', p_row.created,
    'type', p_row.type,
    'state', p_row.state,
    'customer_id', p_row.customer_id,
    'details', p_row.details,
    'billing_details', p_row.billing_details,
    'allow_redisplay', p_row.allow_redisplay,
    'metadata', p_row.metadata
  )
$$;

-- As write_event does, for events of one type. What has no object did not happen, and is left out.
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

-- Whether a payment method can become a customer's now: the condition of every attach.
create or replace function payment_vault.attachable(p_state text, p_held_by text, p_verify boolean, p_verified boolean)
returns boolean
language sql
immutable
as $$
  select p_state = 'unattached' and p_held_by is null and (p_verified or not p_verify)
$$;

-- What is shown of a payment method after its attach, which may have asked for checks anew.
create or replace function payment_vault.attached_details(p_details jsonb, p_checks jsonb)
returns jsonb
language sql
stable
as $$
  select case when p_checks is null then p_details else p_details || jsonb_build_object('checks', p_checks) end
$$;

drop function if exists payment_vault.attach(
  text, bigint, text[], text[], boolean[], jsonb[], text[], text[], text[], text[], bytea[], text[]);

-- The one rule by which a payment method becomes a customer's. It takes arrays of calls of one account and decides
-- them one after the other.
--
-- Each call gets one outcome, and nothing is raised for a refusal:
--   attached                 the change was made, its event and the event's deliveries written
--   unchanged                it was this customer's already
--   no_such_payment_method, no_such_customer
--   attached_to_another, spent (detached before, or consumed by a one-off payment)
--   held                     an intent that is being confirmed has the payment method for the moment. Nothing was written
--   verify_first             the processor must be asked; call again with verified = true. Nothing was written
--   key_reused               the idempotency key belongs to another request: see endpoint
--   key_in_use               the key was removed while it was looked at: its time was over. The call may be made again
-- With replay_of set the outcome is the one that the key's first call had. A key without an endpoint is not claimed
-- here (the caller's own transaction has claimed it), only written on the event.
--
-- The change is a conditional update, so exactly one of many racing calls wins at any isolation level. The
-- customer's row is held against deletion (for key share), and is looked at again after any wait for it.
create or replace function payment_vault.attach(
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
  p_wait text default '5s'
)
returns table (call integer, outcome text, object jsonb, token text, replay_of text, endpoint text, version text, status smallint, body text)
language plpgsql
-- Another transaction that holds a row or a key is short; one that hangs must not take its waiters along. p_wait may
-- take its place below, and this is what brings the caller's own back afterwards.
set lock_timeout = '5s'
as $$
declare
  v_id text;
  v_customer text;
  v_key text;
  v_customer_exists boolean;
  v_row payment_vault.payment_methods%rowtype;
  v_first payment_vault.idempotency_keys%rowtype;
begin
  if p_wait <> '5s' then
    perform set_config('lock_timeout', p_wait, true);
  end if;

  for v_call in 1 .. cardinality(p_payment_methods) loop
    call := v_call;
    v_id := p_payment_methods[call];
    v_customer := p_customers[call];
    v_key := p_keys[call];
    outcome := null; object := null; token := null; replay_of := null; endpoint := null; version := null;
    status := null; body := null;

    -- The claim comes first: a second call with the same key waits here for the first one's commit.
    if p_endpoints[call] is not null then
      insert into payment_vault.idempotency_keys
        (account_id, key, created, endpoint, parameters, request_id, version, outcome, event_id)
      values
        (p_account, v_key, p_created, p_endpoints[call], p_parameters[call], p_requests[call], p_versions[call],
         'attached', p_events[call])
      on conflict do nothing;

      if not found then
        select * into v_first from payment_vault.idempotency_keys k
        where k.account_id = p_account and k.key = v_key;
        endpoint := v_first.endpoint;
        if not found then
          outcome := 'key_in_use';
        elsif v_first.endpoint <> p_endpoints[call] or v_first.parameters <> p_parameters[call] then
          outcome := 'key_reused';
        else
          outcome := v_first.outcome;
          object := v_first.object;
          if v_first.event_id is not null then
            select e.object into object from payment_vault.events e
            where e.account_id = p_account and e.id = v_first.event_id;
          end if;
          replay_of := v_first.request_id;
          version := v_first.version;
          status := v_first.status;
          body := v_first.body;
        end if;
        return next;
        continue;
      end if;
    end if;

    perform 1 from payment_vault.customers c
    where c.account_id = p_account and c.id = v_customer and not c.deleted
    for key share;
    v_customer_exists := found;

    if v_customer_exists then
      update payment_vault.payment_methods m
      set state = 'attached',
          customer_id = v_customer,
          details = payment_vault.attached_details(m.details, p_checks[call])
      where m.account_id = p_account and m.id = v_id
        and payment_vault.attachable(m.state, m.held_by, m.verify, p_verified[call])
      returning * into v_row;

      if found then
        outcome := 'attached';
        object := payment_vault.payment_method_object(v_row);
        perform payment_vault.write_event(
          p_account, p_events[call], p_created, 'payment_method.attached', object, null, p_requests[call], v_key);
        return next;
        continue;
      end if;
    end if;

    select * into v_row from payment_vault.payment_methods m where m.account_id = p_account and m.id = v_id;
    if not found then
      outcome := 'no_such_payment_method';
    elsif not v_customer_exists then
      outcome := 'no_such_customer';
    elsif v_row.state = 'attached' and v_row.customer_id = v_customer then
      outcome := 'unchanged';
      object := payment_vault.payment_method_object(v_row);
    elsif v_row.state = 'attached' then
      outcome := 'attached_to_another';
    elsif v_row.state <> 'unattached' then
      outcome := 'spent';
    elsif v_row.held_by is null and v_row.verify and not p_verified[call] then
      outcome := 'verify_first';
      token := v_row.token;
    else
      -- Or was held until a moment ago.
      outcome := 'held';
    end if;

    if p_endpoints[call] is not null then
      if outcome in ('unchanged', 'attached_to_another', 'spent') then
        update payment_vault.idempotency_keys k
        set outcome = attach.outcome, object = attach.object, event_id = null
        where k.account_id = p_account and k.key = v_key;
      else
        -- Not an answer that is kept: the next call with this key runs.
        delete from payment_vault.idempotency_keys k where k.account_id = p_account and k.key = v_key;
      end if;
    end if;
    return next;
  end loop;
end
$$;

-- The same for many calls, sorted by payment method id, no two of which have a payment method or a key in common: all
-- that can be attached is, as one set; what is left is decided by the rule above, which says why.
--
-- A key that was used before for something else makes the insert fail, and with it all: the calls are then sent one
-- by one. So does a lock that somebody holds for longer than p_wait, and that is what ends a deadlock with whoever
-- takes the key first.
--
-- Measured over HTTP with 64 connections, two batches of up to 32 on their way at once, a million payment methods, all
-- on two busy cores, median of interleaved runs: one call each 1,280 attaches/s, the rule above in a loop 2,920, this
-- 3,340; CPU of Postgres for each 725, 266 and 189 µs. For one call alone the rule above is quicker.
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
-- A plan that was made for a table of a few rows is kept, and must not read all of it when there are millions.
set enable_seqscan = off
-- And it is not made again for every call, as it would be for short arrays: that takes longer than the call itself.
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

-- Claims the keys of calls, each with the answer that it is to be kept with: whole, or as an outcome and an event.
-- Gives back the requests whose keys were free.
create or replace function payment_vault.claim_keys(p_account text, p_created bigint, p_calls jsonb)
returns text[]
language plpgsql
as $$
declare
  v_request text;
  v_claimed text[] := '{}';
begin
  for v_request in
    insert into payment_vault.idempotency_keys
      (account_id, key, created, endpoint, parameters, request_id, version, status, body, outcome, event_id)
    select p_account, c.key, p_created, c.endpoint, decode(c.parameters, 'hex'), c.request, c.version, c.status, c.body,
      c.outcome, case when c.outcome is not null then c.event end
    from jsonb_to_recordset(p_calls) as c (
      request text, key text, endpoint text, parameters text, version text, status smallint, body text, outcome text,
      event text)
    where c.key is not null
    order by c.key collate "C"
    on conflict do nothing
    returning request_id
  loop
    v_claimed := v_claimed || v_request;
  end loop;
  return v_claimed;
end
$$;

-- Makes payment methods, each with its idempotency key and the answer that is kept under it. Where the key was used
-- before nothing is made, and what is there is given back; all null when its time ended at this very moment.
create or replace function payment_vault.create_payment_methods(
  p_account text,
  p_created bigint,
  p_calls jsonb,
  p_wait text
)
returns table (asked_by text, endpoint text, parameters bytea, request_id text, status smallint, body text)
language plpgsql
set lock_timeout = '5s'
set plan_cache_mode = force_generic_plan
as $$
declare
  v_claimed text[];
begin
  perform set_config('lock_timeout', p_wait, true);
  v_claimed := payment_vault.claim_keys(p_account, p_created, p_calls);

  insert into payment_vault.payment_methods
    (account_id, id, created, type, state, customer_id, token, verify, details, billing_details, allow_redisplay,
     metadata)
  select p_account, r.id, r.created, r.type, r.state, r.customer_id, c.token, c.verify, r.details, r.billing_details,
    r.allow_redisplay, r.metadata
  from jsonb_to_recordset(p_calls) as c (request text, key text, "row" jsonb, token text, verify boolean)
  cross join lateral jsonb_to_record(c."row") as r (
    id text, created bigint, type text, state text, customer_id text, details jsonb, billing_details jsonb,
    allow_redisplay text, metadata jsonb)
  where c.key is null or c.request = any (v_claimed);

  return query select * from payment_vault.kept_answers(p_account, p_calls, v_claimed);
end
$$;

-- The same for customers, with the event that tells of them.
create or replace function payment_vault.create_customers(
  p_account text,
  p_created bigint,
  p_calls jsonb,
  p_wait text
)
returns table (asked_by text, endpoint text, parameters bytea, request_id text, status smallint, body text)
language plpgsql
set lock_timeout = '5s'
set plan_cache_mode = force_generic_plan
as $$
declare
  v_claimed text[];
begin
  perform set_config('lock_timeout', p_wait, true);
  v_claimed := payment_vault.claim_keys(p_account, p_created, p_calls);

  insert into payment_vault.customers
    (account_id, id, created, email, default_payment_method, details, metadata, deleted, search)
  select p_account, r.id, r.created, r.email, r.default_payment_method, r.details, r.metadata, r.deleted, c.search
  from jsonb_to_recordset(p_calls) as c (request text, key text, "row" jsonb, search jsonb)
  cross join lateral jsonb_to_record(c."row") as r (
    id text, created bigint, email text, default_payment_method text, details jsonb, metadata jsonb, deleted boolean)
  where c.key is null or c.request = any (v_claimed);

  perform payment_vault.write_events(
    p_account, p_created, 'customer.created', array_agg(c.event), array_agg(c."row"), array_agg(c.request),
    array_agg(c.key))
  from jsonb_to_recordset(p_calls) as c (request text, key text, "row" jsonb, event text)
  where c.key is null or c.request = any (v_claimed);

  return query select * from payment_vault.kept_answers(p_account, p_calls, v_claimed);
end
$$;

-- What is kept under the keys that were used before.
create or replace function payment_vault.kept_answers(p_account text, p_calls jsonb, p_claimed text[])
returns table (asked_by text, endpoint text, parameters bytea, request_id text, status smallint, body text)
language sql
stable
as $$
  select c.request, k.endpoint, k.parameters, k.request_id, k.status, k.body
  from jsonb_to_recordset(p_calls) as c (request text, key text)
  left join payment_vault.idempotency_keys k on k.account_id = p_account and k.key = c.key
  where c.key is not null and c.request <> all (p_claimed)
$$;

-- Detaches payment methods where that is all there is to do: attached, and nobody's default. No two calls have one in
-- common. Outcomes:
--   detached    with the object, the customer that it was taken from, and its event written
--   otherwise   nothing was written: somebody else decides, statement by statement
-- or none where the key was used before: then what is kept under it, with the object where that is an outcome; all
-- null when its time ended at this very moment.
create or replace function payment_vault.detach(p_account text, p_created bigint, p_calls jsonb, p_wait text)
returns table (asked_by text, outcome text, object jsonb, customer text, endpoint text, parameters bytea, request_id text, version text, status smallint, body text)
language plpgsql
set lock_timeout = '5s'
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_claimed text[];
  v_call record;
  v_row payment_vault.payment_methods%rowtype;
  v_first payment_vault.idempotency_keys%rowtype;
begin
  perform set_config('lock_timeout', p_wait, true);
  v_claimed := payment_vault.claim_keys(p_account, p_created, p_calls);

  -- First the customers, then the payment methods, as everywhere. Against another default, not against attaches.
  perform 1 from payment_vault.customers c
  where c.account_id = p_account
    and c.id = any (array(
      select m.customer_id from jsonb_to_recordset(p_calls) as a (payment_method text)
      join payment_vault.payment_methods m on m.account_id = p_account and m.id = a.payment_method))
  order by c.id collate "C"
  for no key update;

  for v_call in
    select a.* from jsonb_to_recordset(p_calls)
      as a (request text, payment_method text, key text, event text, endpoint text, parameters text)
    order by a.payment_method collate "C"
  loop
    asked_by := v_call.request;
    outcome := null; object := null; customer := null; endpoint := null; parameters := null; request_id := null;
    version := null; status := null; body := null;

    if v_call.key is not null and v_call.request <> all (v_claimed) then
      select * into v_first from payment_vault.idempotency_keys k
      where k.account_id = p_account and k.key = v_call.key;
      endpoint := v_first.endpoint;
      parameters := v_first.parameters;
      request_id := v_first.request_id;
      version := v_first.version;
      status := v_first.status;
      body := v_first.body;
      if v_first.outcome = 'detached' then
        select e.object into object from payment_vault.events e
        where e.account_id = p_account and e.id = v_first.event_id;
      end if;
      return next;
      continue;
    end if;

    select c.id into customer from payment_vault.payment_methods m
    join payment_vault.customers c on c.account_id = p_account and c.id = m.customer_id
    where m.account_id = p_account and m.id = v_call.payment_method
      and c.default_payment_method is distinct from m.id;

    update payment_vault.payment_methods m set state = 'detached', customer_id = null
    where m.account_id = p_account and m.id = v_call.payment_method and m.state = 'attached'
      and m.customer_id = detach.customer
    returning * into v_row;

    if found then
      outcome := 'detached';
      object := payment_vault.payment_method_object(v_row);
      perform payment_vault.write_event(
        p_account, v_call.event, p_created, 'payment_method.detached', object,
        jsonb_build_object('customer', detach.customer), v_call.request, v_call.key);
    else
      outcome := 'otherwise';
      delete from payment_vault.idempotency_keys k where k.account_id = p_account and k.key = v_call.key;
    end if;
    return next;
  end loop;
end
$$;
