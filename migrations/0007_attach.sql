-- As in 0003, where the other outcomes are told. New: the event is written together with its deliveries, and
--   held                     an intent that is being confirmed has the payment method for the moment. Nothing was written
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
  p_versions text[]
)
returns table (call integer, outcome text, object jsonb, token text, replay_of text, endpoint text, version text, status smallint, body text)
language plpgsql
-- Another transaction that holds the row or the key is short; one that hangs must not take its waiters along.
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
  for v_call in 1 .. array_length(p_payment_methods, 1) loop
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
          details = case when p_checks[call] is null then m.details
                         else m.details || jsonb_build_object('checks', p_checks[call]) end
      where m.account_id = p_account and m.id = v_id and m.state = 'unattached' and m.held_by is null
        and (p_verified[call] or not m.verify)
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
    elsif v_row.held_by is not null then
      outcome := 'held';
    else
      outcome := 'verify_first';
      token := v_row.token;
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
