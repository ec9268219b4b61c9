-- revision 1
-- Returns the answers that are kept under keys that were used before. All null where the key expired during the look-up.
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
