-- revision 1
-- Creates payment methods, each with its idempotency key and the answer to keep. Where the key was used before, creates
-- nothing and returns the kept answer.
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
