import type { FastifyInstance } from 'fastify'
import { componentRequests, type OpenApiDocument } from './openapi-requests'

/** What a document says beside its routes. */
export interface DocumentOptions {
  info: {
    title: string
    version: string
    description: string
    license?: { name: string; identifier: string }
  }
  servers: { url: string; description?: string }[]
  tags: { name: string; description: string }[]
  /** What the `$id`s of components begin with, and their names in the document don't. */
  componentPrefix: string
  /** The media types that every body may be sent as, the preferred one first. */
  mediaTypes: readonly string[]
}

/**
 * The OpenAPI 3.1 document of these routes. They are added to an app of their own, which never answers a call: so the
 * document can't see a host's routes and schemas, nor a host's hooks these routes.
 */
export async function documentOf(
  routes: (scope: FastifyInstance) => void,
  { info, servers, tags, componentPrefix, mediaTypes }: DocumentOptions
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
      security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
      components: { securitySchemes }
    },
    refResolver: {
      buildLocalReference: ({ $id }) => (typeof $id === 'string' ? $id.slice(componentPrefix.length) : '')
    }
  })
  routes(app)
  await app.ready()
  // What comes out shares parts of itself and of the schemas: a copy through text shares nothing.
  const document = JSON.parse(JSON.stringify(app.swagger())) as OpenApiDocument
  await app.close()
  return componentRequests(document, mediaTypes)
}

const securitySchemes = {
  bearerAuth: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key: `Authorization: Bearer sk_test_…`.'
  },
  basicAuth: {
    type: 'http',
    scheme: 'basic',
    description: 'An API key as the user name, without a password.'
  }
} as const
