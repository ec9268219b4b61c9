import type { FastifyInstance } from 'fastify'
import { json, toBody } from '../plugins/json'
import { documentOf } from '../plugins/openapi'
import { routes } from './routes'
import { componentPrefix } from './wire/schemas'
import { pageVersion } from './wire/versions'

export interface OpenApiOptions {
  /** Where the vault can be called; the stand-alone server as it first starts, unless given. */
  servers?: { url: string; description?: string }[] | undefined
  /** Whether bodies may be JSON as well as forms, as the plugin's option of that name has it; true by default. */
  jsonBodies?: boolean | undefined
}

/** The OpenAPI 3.1 document of all that the vault answers. It takes neither a database nor a running server. */
export async function openApiDocument(options: OpenApiOptions = {}): Promise<object> {
  const form = 'application/x-www-form-urlencoded'
  return documentOf(routes, {
    info: {
      title: 'fastify-payment-vault',
      version: pageVersion,
      description,
      license: { name: 'MIT', identifier: 'MIT' }
    },
    servers: options.servers ?? [
      { url: 'http://127.0.0.1:4242', description: 'The stand-alone server, as it first starts' }
    ],
    tags: [
      { name: 'PaymentMethods', description: 'Cards that were saved, and whom they are attached to.' },
      { name: 'Customers', description: 'Those who pay, and the payment methods attached to them.' },
      { name: 'SetupIntents', description: 'Cards that are set up to be charged later.' },
      { name: 'SetupAttempts', description: 'Each try to set a card up.' },
      { name: 'PaymentIntents', description: 'Payments, from what is asked for to what is taken.' },
      { name: 'Charges', description: 'Each attempt to take money with a payment intent.' },
      { name: 'Refunds', description: 'What was given back.' },
      {
        name: 'Tokens',
        description: 'Cards and bank accounts told to the vault and nobody else, to be used once.'
      },
      { name: 'Events', description: 'What changed, and who changed it.' },
      { name: 'WebhookEndpoints', description: 'Where events are sent to.' }
    ],
    componentPrefix,
    mediaTypes: (options.jsonBodies ?? true) ? [json, form] : [form]
  })
}

/** Answers `/openapi.json` with the document, which is made when somebody first asks for it. */
export function serveDocument(scope: FastifyInstance, jsonBodies: boolean | undefined): void {
  const servers = [{ url: scope.prefix === '' ? '/' : scope.prefix }]
  let body: Promise<string> | undefined
  scope.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    body ??= openApiDocument({ servers, jsonBodies }).then(toBody)
    return reply.type(json).send(await body)
  })
}

const description = `A vault for payment methods that speaks Stripe's wire protocol.

Parameters are sent as a form, nested in brackets (\`card[exp_month]=8\`, \`expand[]=customer\`), or as JSON. Without a
\`Stripe-Version\` header a call is answered as of ${pageVersion}; with a later one, answers carry the keys added since.
A POST with an \`Idempotency-Key\` header may be sent again: what was done is not done twice, and the answer is the same.
With a \`Stripe-Account\` header a call acts as that account, if it is a connected one of the caller's.

Errors that every call can give, besides its own:

- 400 \`parameter_unknown\`, \`parameter_missing\`, \`parameter_invalid_empty\`, \`parameter_invalid_integer\` or
  \`invalid_characters\`: a parameter is not right; without a code: it is of the wrong kind, too long or none of its values.
- 400 without a code, of type \`idempotency_error\`: the idempotency key belongs to another request.
- 401: no API key, or a wrong one; \`secret_key_required\`: a publishable key where a secret one is needed.
- 403 \`account_invalid\`: the account of \`Stripe-Account\` is none of the caller's.
- 404 without a code: there is no such call.
- 409 \`idempotency_key_in_use\`: the first request with this key is still running.
- 413, 415: the body is too large, or of another kind.
- 429 \`lock_timeout\`: another request holds the object; it may be sent again.
- 500, 503, of type \`api_error\`: the vault failed, or its database can't be reached; it may be sent again.`
