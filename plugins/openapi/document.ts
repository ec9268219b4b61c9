import type { FastifyInstance } from 'fastify'
import { collectComponents } from './components'
import { collapseStringUnions } from './unions'
import { describeResponses, type ErrorCodes, operationDetails } from './responses'
import { describeRequests, type SharedParameter } from './requests'
import type { OpenApiDocument } from './shape'
import { addSamples } from './samples'

/** The parts of a document that do not come from its routes. */
interface DocumentOptions {
  info: {
    title: string
    version: string
    description: string
    contact?: { name: string; url: string }
    license?: { name: string; identifier: string }
  }
  servers: { url: string; description?: string }[]
  tags: { name: string; description: string }[]
  /** The prefix of component `$id`s, which the document omits. */
  componentPrefix: string
  /** The media types of every body, the preferred one first. */
  mediaTypes: readonly string[]
  /** The request headers, by component name. */
  headers: Record<string, SharedParameter>
  /** The error codes that every call may return, by status. */
  errorCodes: Record<string, ErrorCodes>
}

/**
 * Returns the OpenAPI 3.1 document of the routes. It adds them to a separate app that never serves a call. So
 * the document never sees the host's routes and schemas, and the host's hooks never see these routes.
 */
export async function documentOf(
  routes: (scope: FastifyInstance) => void,
  { info, servers, tags, componentPrefix, mediaTypes, headers, errorCodes }: DocumentOptions
): Promise<OpenApiDocument> {
  // Only a request for the document loads these modules.
  const [{ fastify }, { fastifySwagger }] = await Promise.all([import('fastify'), import('@fastify/swagger')])
  const app = fastify()
  // This app neither validates nor serializes.
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
  // The result shares objects within itself and with the schemas; a copy through JSON shares none.
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
