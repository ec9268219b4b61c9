-- revision 1
-- Creates customers and their events, as create_payment_methods does.
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
