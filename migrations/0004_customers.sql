create table payment_vault.customers (
  account_id text not null,
  id text not null,
  created bigint not null,
  email text,
  default_payment_method text,
  -- The parts of the object that no query reads: name, address, invoice settings, …
  details jsonb not null,
  metadata jsonb not null,
  -- A deleted customer keeps its id alone. It can be retrieved as deleted and never be used again.
  deleted boolean not null,
  -- The values that searches compare: email, name, phone and metadata. The program folds them to one case, because
  -- lower() treats letters beyond ASCII as the database's locale says.
  search jsonb not null default '{}',
  constraint customers_pkey primary key (account_id, id)
);

create index customers_by_created on payment_vault.customers (account_id, created desc, id desc) where not deleted;

create index customers_by_email on payment_vault.customers (account_id, email, created desc, id desc)
where not deleted and email is not null;

-- One index for all exact matches: the words of the three texts, and metadata by key and value. Measured on 1,000,000
-- customers, see test/bench/README.md. Substrings have no index: a search for one reads the account's customers.
create index customers_search on payment_vault.customers using gin (
  string_to_array(search->>'email', ' '),
  string_to_array(search->>'name', ' '),
  string_to_array(search->>'phone', ' '),
  (search->'metadata') jsonb_path_ops
)
-- Writers collect new entries in a list, and one of them merges it. A short list keeps that writer's wait short.
with (gin_pending_list_limit = 256)
where not deleted;
