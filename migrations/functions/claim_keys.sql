-- revision 1
-- Claims the idempotency keys of calls, each with the answer to keep: as a whole, or as an outcome and an event. Returns the
-- requests whose keys were free.
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
