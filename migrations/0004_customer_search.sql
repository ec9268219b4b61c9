-- What searches compare: email, name, phone and the values of metadata, folded to one case by the program, because
-- what lower() does to letters beyond ASCII depends on how the database was made.
alter table payment_vault.customers add column search jsonb not null default '{}';

update payment_vault.customers c
set search = jsonb_strip_nulls(jsonb_build_object(
  'email', nullif(upper(btrim(regexp_replace(c.email, '\s+', ' ', 'g'))), ''),
  'name', nullif(upper(btrim(regexp_replace(c.details->>'name', '\s+', ' ', 'g'))), ''),
  'phone', nullif(upper(btrim(regexp_replace(c.details->>'phone', '\s+', ' ', 'g'))), ''),
  'metadata', (select jsonb_object_agg(m.key, upper(m.value)) from jsonb_each_text(c.metadata) m)
))
where not c.deleted;

-- One index for all that is looked up whole: the words of the three texts, and metadata by key and value. Measured on
-- 1,000,000 customers, see test/bench/README.md. Substrings have none: a search for one reads what the account has.
create index customers_search on payment_vault.customers using gin (
  string_to_array(search->>'email', ' '),
  string_to_array(search->>'name', ' '),
  string_to_array(search->>'phone', ' '),
  (search->'metadata') jsonb_path_ops
)
-- Entries are collected and put in their places together. The smaller the collection, the shorter whoever does it waits.
with (gin_pending_list_limit = 256)
where not deleted;
