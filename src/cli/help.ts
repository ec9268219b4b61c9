export const help = `fastify-payment-vault: your own payment-method vault, speaking Stripe's wire protocol.

  fastify-payment-vault [start]        start the server
  fastify-payment-vault migrate        bring the database's schema up to date
  fastify-payment-vault status         tell which migrations the database has had; exit code 1 if not just all
  fastify-payment-vault keys create    make an API key and print it, once
      --live                             for live mode (without it, test mode)
      --publishable                      pk_… (without it, a secret key, sk_…)
      --restricted                       rk_…, which may do what --allow says and nothing else
      --allow RESOURCE:read|write,…      as in payment_methods:write,customers:read; write is to read as well
      --account acct_…                   of that account (without it, the first one)
  fastify-payment-vault keys list      list the API keys, with the day of their last use
  fastify-payment-vault keys roll ID   make a key in a key's place and print it, once
      --expires-in HOURS                 for how long the old one works too (24)
  fastify-payment-vault keys revoke ID revoke an API key, for good
  fastify-payment-vault accounts create
                                       make an account and print its id
      --parent acct_…                    a connected account of that one, whose keys may act as it
  fastify-payment-vault accounts list  list the accounts
  fastify-payment-vault export ID      write all that an account has, in both modes, as lines of JSON
  fastify-payment-vault import [FILE]  make the account that such lines are of, from a file or the input
  fastify-payment-vault listen --forward-to URL
                                       pass events on as they happen, and show a line for each
      --events TYPE[,TYPE]               only of these types
      --live                             of live mode (without it, test mode)
      --account acct_…                   of that account (without it, the first one)
  fastify-payment-vault deliver        deliver webhooks, in a process of its own
  fastify-payment-vault webhooks list  list the webhook endpoints
  fastify-payment-vault webhooks roll ID
                                       give an endpoint a new signing secret and print it
      --expires-in HOURS                 for how long the old one signs too (24)
  fastify-payment-vault events resend ID
                                       deliver an event once more
      --webhook-endpoint we_…            to that endpoint (without it, to all that want it, and who listens)
  fastify-payment-vault --help | --version

Settings are environment variables:

  HOST                           address to listen on (127.0.0.1)
  PORT                           port to listen on (4242); 0 picks a free one
  DATABASE_URL                   the Postgres to use; unset, an embedded one is started
  PAYMENT_VAULT_DATA             folder of the embedded database and of keys that are not set (.payment-vault)
  PAYMENT_VAULT_SCHEMA           schema that the tables are in (payment_vault)
  PAYMENT_VAULT_SECRET_KEY       test-mode secret key of the first account; unset, made once and kept
  PAYMENT_VAULT_FINGERPRINT_KEY  secret behind card fingerprints and webhook secrets; unset, made once and kept
  PAYMENT_VAULT_ROW_LEVEL_SECURITY
                                 false unless true: the database keeps accounts apart as well
  PAYMENT_VAULT_DELIVER_WEBHOOKS true unless false: then only deliver sends webhooks
  PAYMENT_VAULT_TLS_CERT         file of the certificate to answer HTTPS with, as PEM; SIGHUP reads both again
  PAYMENT_VAULT_TLS_KEY          file of its key
  PAYMENT_VAULT_BEHIND_TLS       false unless true: a proxy in front of the server has TLS
  PAYMENT_VAULT_TRUST_PROXY      addresses and networks of the proxies whose X-Forwarded-… headers count
  PAYMENT_VAULT_READS_PER_SECOND how many GETs a second an account may send to each process; unset, any number
  PAYMENT_VAULT_WRITES_PER_SECOND
                                 how many other calls
  PAYMENT_VAULT_INSPECTOR        true or false: serve the inspector page (in test mode on a loopback address)
  PAYMENT_VAULT_PG_BIN           an installed Postgres to run as the embedded one
  LOG_LEVEL                      fatal, error, warn, info, debug, trace or silent (warn)`
