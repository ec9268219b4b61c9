-- revision 1
-- Detaches payment methods that are attached and no customer's default. No two calls share a payment method. Outcomes:
--   detached    with the object and the customer that it was detached from; its event was written
--   otherwise   nothing was written: the caller decides, statement by statement
-- For a key that was used before there is no outcome: the row has the kept answer, with the object where that was kept as
-- an outcome. All null where the key expired during the look-up.
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

  -- Customers first, then payment methods: the order of every lock here. The lock keeps the default from changing and
  -- lets attaches pass.
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
