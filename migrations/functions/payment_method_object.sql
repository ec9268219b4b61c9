-- revision 1
-- Returns a payment method as events, kept answers and the program read it. It is stable and not immutable, so that
-- Postgres inlines it.
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
