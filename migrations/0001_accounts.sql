-- The callers. These two tables are small and global: the vault looks a key up before it knows the account.
create table payment_vault.accounts (
  id text not null,
  -- The account that this one is connected to. The parent's keys may act as it, in the same mode.
  parent_id text,
  created timestamptz not null,
  constraint accounts_pkey primary key (id),
  constraint accounts_parent_fkey foreign key (parent_id) references payment_vault.accounts (id)
);

create table payment_vault.api_keys (
  id text not null,
  account_id text not null,
  livemode boolean not null,
  kind text not null,
  -- SHA-256 of the key. A key has 24 or more random characters, so a slow hash would add no protection.
  hash bytea not null,
  -- The part that its owner sees again: the prefix and the last four characters.
  hint text not null,
  created timestamptz not null,
  revoked timestamptz,
  -- A rolled key works until this time beside its successor.
  expires timestamptz,
  -- The start of the last day (UTC) on which the key was used.
  last_used timestamptz,
  -- What a restricted key may do, by resource: {"customers": "read", "payment_methods": "write"}.
  permissions jsonb,
  constraint api_keys_pkey primary key (id),
  constraint api_keys_hash_key unique (hash),
  constraint api_keys_kind_check check (kind in ('secret', 'publishable') or kind = 'restricted' and permissions is not null),
  constraint api_keys_account_fkey foreign key (account_id) references payment_vault.accounts (id)
);
