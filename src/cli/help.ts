export const help = `fastify-payment-vault: your own payment-method vault, speaking Stripe's wire protocol.

  fastify-payment-vault [start]        start the server
  fastify-payment-vault migrate        apply the missing database migrations
  fastify-payment-vault status         list the migrations; exit code 1 if they do not match this version
  fastify-payment-vault keys create    create an API key and print it, once
      --live                             for live mode (default: test mode)
      --publishable                      a publishable key, pk_… (default: a secret key, sk_…)
      --restricted                       a restricted key, rk_…, with the permissions of --allow only
      --allow RESOURCE:read|write,…      such as payment_methods:write,customers:read; write includes read
      --account acct_…                   of this account (default: the first account)
  fastify-payment-vault keys list      list the API keys, with the day of their last use
  fastify-payment-vault keys roll ID   replace a key and print the new one, once
      --expires-in HOURS                 how long the old key still works (24)
  fastify-payment-vault keys revoke ID revoke an API key permanently
  fastify-payment-vault accounts create
                                       create an account and print its id
      --parent acct_…                    connect it to this account, whose keys can act on its behalf
  fastify-payment-vault accounts list  list the accounts
  fastify-payment-vault export ID      write all data of an account, in both modes, as lines of JSON
  fastify-payment-vault import [FILE]  create an account from an export, from a file or stdin
  fastify-payment-vault listen --forward-to URL
                                       forward events as they happen, and print a line for each
      --events TYPE[,TYPE]               only these event types
      --live                             of live mode (default: test mode)
      --account acct_…                   of this account (default: the first account)
  fastify-payment-vault deliver        deliver webhooks in a separate process
  fastify-payment-vault webhooks list  list the webhook endpoints
  fastify-payment-vault webhooks roll ID
                                       replace the signing secret of an endpoint and print the new one
      --expires-in HOURS                 how long the old secret also signs (24)
  fastify-payment-vault events resend ID
                                       deliver an event again
      --webhook-endpoint we_…            to this endpoint (default: all subscribed endpoints and listeners)
  fastify-payment-vault --help | --version

Settings are environment variables:

  HOST                           address to listen on (127.0.0.1)
  PORT                           port to listen on (4242); 0 picks a free port
  DATABASE_URL                   Postgres database; unset: an embedded Postgres
  PAYMENT_VAULT_DATA             folder of the embedded database and of generated keys (.payment-vault)
  PAYMENT_VAULT_SCHEMA           Postgres schema of the tables (payment_vault)
  PAYMENT_VAULT_SECRET_KEY       test-mode secret key of the first account; unset: generated once and stored
  PAYMENT_VAULT_FINGERPRINT_KEY  secret for card fingerprints and webhook secrets; unset: generated once and stored
  PAYMENT_VAULT_ROW_LEVEL_SECURITY
                                 true: Postgres also separates accounts, by row-level security (false)
  PAYMENT_VAULT_DELIVER_WEBHOOKS false: only the deliver command sends webhooks (true)
  PAYMENT_VAULT_TLS_CERT         PEM file of the certificate for HTTPS; SIGHUP reloads certificate and key
  PAYMENT_VAULT_TLS_KEY          PEM file of its key
  PAYMENT_VAULT_BEHIND_TLS       true: a proxy in front of the server terminates TLS (false)
  PAYMENT_VAULT_TRUST_PROXY      addresses and networks of the proxies whose X-Forwarded-… headers count
  PAYMENT_VAULT_READS_PER_SECOND GET requests per second for each account, in each process; unset: no limit
  PAYMENT_VAULT_WRITES_PER_SECOND
                                 other requests per second, likewise
  PAYMENT_VAULT_INSPECTOR        whether to serve the inspector; unset: in test mode on a loopback address
  PAYMENT_VAULT_PG_BIN           binaries of an installed Postgres to run as the embedded one
  LOG_LEVEL                      fatal, error, warn, info, debug, trace or silent (warn)`
