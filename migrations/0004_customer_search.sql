-- no transaction
-- One index for all that is looked up whole: the words of the three texts, and metadata by key and value. Measured on
-- 1,000,000 customers, see test/bench/README.md. Substrings have none: a search for one reads what the account has.
drop index concurrently if exists payment_vault.customers_search;

create index concurrently if not exists customers_search on payment_vault.customers using gin (
  string_to_array(search->>'email', ' '),
  string_to_array(search->>'name', ' '),
  string_to_array(search->>'phone', ' '),
  (search->'metadata') jsonb_path_ops
)
-- Entries are collected and put in their places together. The smaller the collection, the shorter whoever does it waits.
with (gin_pending_list_limit = 256)
where not deleted;
