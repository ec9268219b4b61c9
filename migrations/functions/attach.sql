-- revision 1
-- The rule by which a payment method becomes a customer's.
--
--                 attach                    detach
--   unattached ------------> attached ------------> detached
--       |
--       +--> consumed (paid with once, without a customer)
--
-- The state moves forward only. While an intent confirms with an unattached payment method, held_by names the intent.
--
-- Each call gets one outcome. A refusal raises nothing.
--   attached                 the change, its event and the event's deliveries were written
--   unchanged                the payment method was this customer's already
--   no_such_payment_method   nothing was written
--   no_such_customer         nothing was written
--   attached_to_another      refused
--   spent                    refused: detached before, or consumed
--   held                     an intent holds it at the moment; nothing was written
--   verify_first             the processor must verify the card: verify, then call again with verified = true;
--                            nothing was written
--   key_reused               the idempotency key belongs to another request, see endpoint
--   key_in_use               the key expired during the look-up; the call may be sent again
-- With replay_of set, the outcome is that of the key's first call. A key without an endpoint was claimed by the caller's
-- transaction; here it is only written on the event.

-- Returns whether a payment method can become a customer's now. Every attach asks this, and so do the intents.
create or replace function payment_vault.attachable(p_state text, p_held_by text, p_verify boolean, p_verified boolean)
returns boolean
language sql
immutable
as $$
  select p_state = 'unattached' and p_held_by is null and (p_verified or not p_verify)
$$;

-- Returns the details after an attach, which may have brought new results of checks.
create or replace function payment_vault.attached_details(p_details jsonb, p_checks jsonb)
returns jsonb
language sql
stable
as $$
  select case when p_checks is null then p_details else p_details || jsonb_build_object('checks', p_checks) end
$$;

-- Decides calls of one account, one after the other. The change is a conditional update, so exactly one of many racing
-- calls wins at any isolation level. A key share lock keeps the customer from being deleted; a call that waited for it
-- looks at the customer again.
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
-- A transaction that hangs must not block its waiters for ever. p_wait may replace this value below; because it is set
-- here, Postgres restores the caller's own value afterwards.
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

    -- Claim first: a second call with the same key waits here for the commit of the first.
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
      -- Held, or held until a moment ago.
      outcome := 'held';
    end if;

    if p_endpoints[call] is not null then
      if outcome in ('unchanged', 'attached_to_another', 'spent') then
        update payment_vault.idempotency_keys k
        set outcome = attach.outcome, object = attach.object, event_id = null
        where k.account_id = p_account and k.key = v_key;
      else
        -- This answer is not kept: the next call with the key runs.
        delete from payment_vault.idempotency_keys k where k.account_id = p_account and k.key = v_key;
      end if;
    end if;
    return next;
  end loop;
end
$$;
