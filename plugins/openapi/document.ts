import type { FastifyInstance } from 'fastify'
import { collectComponents } from './components'
import { collapseStringUnions } from './unions'
import { describeResponses, type ErrorCodes, operationDetails } from './responses'
import { describeRequests, type SharedParameter } from './requests'
import type { OpenApiDocument } from './shape'
import { addSamples } from './samples'

/** What a document says beside its routes. */
export interface DocumentOptions {
  info: {
    title: string
    version: string
    description: string
    contact?: { name: string; url: string }
    license?: { name: string; identifier: string }
  }
  servers: { url: string; description?: string }[]
  tags: { name: string; description: string }[]
  /** What the `$id`s of components begin with, and their names in the document don't. */
  componentPrefix: string
  /** The media types that every body may be sent as, the preferred one first. */
  mediaTypes: readonly string[]
  /** The headers that calls take, by their names as components. */
  headers: Record<string, SharedParameter>
  /** The codes of errors that every call can give, by status. */
  errorCodes: Record<string, ErrorCodes>
}

/**
 * The OpenAPI 3.1 document of these routes. They are added to an app of their own, which never answers a call: so the
 * document can't see a host's routes and schemas, nor a host's hooks these routes.
 */
export async function documentOf(
  routes: (scope: FastifyInstance) => void,
  { info, servers, tags, componentPrefix, mediaTypes, headers, errorCodes }: DocumentOptions
): Promise<OpenApiDocument> {
  // Whoever never asks for the document never loads these.
  const [{ fastify }, { fastifySwagger }] = await Promise.all([import('fastify'), import('@fastify/swagger')])
  const app = fastify()
  // Nothing is to be validated or serialized here.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => () => '')
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      servers,
      tags,
      security: secretKeys,
      components: { securitySchemes }
    },
    refResolver: {
      buildLocalReference: ({ $id }) => (typeof $id === 'string' ? $id.slice(componentPrefix.length) : '')
    },
    transform: ({ schema, url, route }) => {
      const { publishable } = (route.config ?? {}) as { publishable?: boolean }
      const security = publishable ? { security: [...secretKeys, publishableKey] } : {}
      return { url, schema: { ...schema, ...security, ...operationDetails(schema.response as object) } }
    }
  })
  routes(app)
  await app.ready()
  // What comes out shares parts of itself and of the schemas: a copy through text shares nothing.
  const document = JSON.parse(JSON.stringify(app.swagger())) as OpenApiDocument
  await app.close()
  const described = describeResponses(describeRequests(document, mediaTypes, headers))
  return { ...addSamples(collectComponents(collapseStringUnions(described))), 'x-error-codes': errorCodes }
}

const secretKeys = [{ bearerAuth: [] }, { basicAuth: [] }]
const publishableKey = { publishableKey: [] }

const securitySchemes = {
  bearerAuth: {
    type: 'http',
    scheme: 'bearer',
    description: 'A secret API key: `Authorization: Bearer sk_test_…`.'
  },
  basicAuth: {
    type: 'http',
    scheme: 'basic',
    description: 'A secret API key as the user name, without a password.'
  },
  publishableKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'A publishable API key, as a browser may have it: `Authorization: Bearer pk_test_…`.'
  }
} as const
