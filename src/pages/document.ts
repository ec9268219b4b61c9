import type { FastifyInstance } from 'fastify'
import { json, toBody } from '../../plugins/json/json'
import { documentOf } from '../../plugins/openapi/document'
import { toOpenApi30 } from '../../plugins/openapi/openapi-3-0'
import type { SharedParameter } from '../../plugins/openapi/requests'
import { formType, type OpenApiDocument } from '../../plugins/openapi/shape'
import { type Resources, resources, routesWithComponents } from '../resources/index'
import { errorsOfEveryCall } from '../protocol/errors/every-call'
import { lineOf, refusalsOf } from '../protocol/errors/refusals'
import { componentPrefix } from '../protocol/schemas'
import { pageVersion } from '../protocol/versions'

export interface OpenApiOptions {
  /** The servers of the vault; the default address of the stand-alone server if unset. */
  servers?: { url: string; description?: string }[] | undefined
  /** Whether bodies can be JSON as well as forms, like the plugin's option of the same name; true by default. */
  jsonBodies?: boolean | undefined
  /** The OpenAPI version: `3.1` by default; `3.0` for tools that support only OpenAPI 3.0.3. */
  version?: '3.0' | '3.1' | undefined
}

/** Returns the OpenAPI document of the vault. Needs neither a database nor a running server. */
export async function openApiDocument(options: OpenApiOptions = {}): Promise<object> {
  const document = await newDocument(options)
  return options.version === '3.0' ? toOpenApi30(document) : document
}

function newDocument(options: OpenApiOptions): Promise<OpenApiDocument> {
  return documentOf(routesWithComponents, {
    info: {
      title: 'fastify-payment-vault',
      version: pageVersion,
      description,
      license: { name: 'MIT', identifier: 'MIT' }
    },
    servers: options.servers ?? [
      { url: 'http://127.0.0.1:4242', description: 'The stand-alone server, as it first starts' }
    ],
    tags: tagsOf(resources),
    componentPrefix,
    mediaTypes: (options.jsonBodies ?? true) ? [json, formType] : [formType],
    headers,
    errorCodes: Object.fromEntries(
      Object.entries(refusalsOf(errorsOfEveryCall)).map(([status, { codes }]) => [status, codes])
    )
  })
}

/** What the vault is about comes first. */
const tagsOf = ({ paymentMethods, ...others }: Resources) =>
  [paymentMethods, ...Object.values(others)].map(({ tag: name, description }) => ({ name, description }))

/** Serves `/openapi.json` and `/openapi-3.0.json`. The first request builds each document. */
export function serveDocument(scope: FastifyInstance, jsonBodies: boolean | undefined): void {
  const servers = [{ url: scope.prefix === '' ? '/' : scope.prefix }]
  const serve = (path: string, version: '3.0' | '3.1'): void => {
    let body: Promise<string> | undefined
    scope.get(path, { schema: { hide: true } }, async (_request, reply) => {
      body ??= openApiDocument({ servers, jsonBodies, version }).then(toBody)
      return reply.type(json).send(await body)
    })
  }
  serve('/openapi.json', '3.1')
  serve('/openapi-3.0.json', '3.0')
}

const description = `A vault for payment methods that speaks Stripe's wire protocol.

Parameters are sent as a form, nested in brackets (\`card[exp_month]=8\`, \`expand[]=customer\`), or as JSON. Without a
\`Stripe-Version\` header a call is answered as of ${pageVersion}; with a later one, answers carry the keys added since.
A POST with an \`Idempotency-Key\` header may be sent again: what was done is not done twice, and the answer is the same.
With a \`Stripe-Account\` header a call acts as that account, if it is a connected one of the caller's.

Errors that every call can give, besides its own:

${errorsOfEveryCall.map((each) => `- ${each.status} ${lineOf(each)}`).join('\n')}`

const headers: Record<string, SharedParameter> = {
  IdempotencyKey: {
    methods: ['post'],
    parameter: {
      name: 'Idempotency-Key',
      in: 'header',
      description:
        'A key of your own making for this request: sent again with it, the request is answered as the first time, and nothing is done twice.',
      schema: { type: 'string', maxLength: 255 }
    }
  },
  StripeAccount: {
    parameter: {
      name: 'Stripe-Account',
      in: 'header',
      description: 'The connected account to act as.',
      schema: { type: 'string', maxLength: 5000 }
    }
  },
  StripeVersion: {
    parameter: {
      name: 'Stripe-Version',
      in: 'header',
      description: `The API version to answer in; ${pageVersion} unless given, or what the vault is set to.`,
      schema: { type: 'string', maxLength: 5000 },
      example: pageVersion
    }
  }
}
