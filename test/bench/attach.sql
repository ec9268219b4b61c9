-- The same call as the server sends: its key, its change and its event, one payment method each time.
\set n :first + :client_id * :span + :i
\set i :i + 1
select outcome, object, token, replay_of, version, endpoint, status, body
from payment_vault.attach(:account, 1795000000, array['pm_bench' || lpad(:n ::text, 18, '0')],
  array['cus_bench' || lpad((:n % 10000)::text, 5, '0')], array[false], array[null]::jsonb[],
  array['evt_bench' || :n], array['req_bench' || :n], array['pgbench-' || :n],
  array['/v1/payment_methods/pm_bench' || lpad(:n ::text, 18, '0') || '/attach'],
  array['\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'::bytea], array['2022-11-15']);
