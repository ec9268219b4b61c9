-- A rolled key works until then beside its successor.
alter table payment_vault.api_keys add column if not exists expires timestamptz;

-- The start of the last day (UTC) on which it let somebody in.
alter table payment_vault.api_keys add column if not exists last_used timestamptz;

-- What a restricted key may do, by resource: {"customers": "read", "payment_methods": "write"}.
alter table payment_vault.api_keys add column if not exists permissions jsonb;

alter table payment_vault.api_keys drop constraint if exists api_keys_kind_check;

-- The table is small: a row for each key.
alter table payment_vault.api_keys add constraint api_keys_kind_check
check (kind in ('secret', 'publishable') or kind = 'restricted' and permissions is not null);
