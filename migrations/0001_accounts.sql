-- Who may call. These two tables are small and global: a key is looked up before its account is known.
create table payment_vault.accounts (
  id text not null,
  -- Whose connected account it is: the keys of the parent may act as it, in the same mode.
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
  -- SHA-256 of the key. A key has 24 random characters or more, so a slow hash would protect nothing more.
  hash bytea not null,
  -- What the owner may see of it again: the prefix and the last four characters.
  hint text not null,
  created timestamptz not null,
  revoked timestamptz,
  constraint api_keys_pkey primary key (id),
  constraint api_keys_hash_key unique (hash),
  constraint api_keys_kind_check check (kind in ('secret', 'publishable')),
  constraint api_keys_account_fkey foreign key (account_id) references payment_vault.accounts (id)
);
