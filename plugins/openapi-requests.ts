/** As much of a document as is worked on here. */
export interface OpenApiDocument {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema>; [kind: string]: unknown }
  [key: string]: unknown
}

export interface Operation {
  operationId: string
  parameters?: Parameter[]
  requestBody?: RequestBody
  responses: Record<string, { description: string; content: Record<string, MediaType> }>
  [key: string]: unknown
}

export interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  anyOf?: Schema[]
  [keyword: string]: unknown
}

interface Parameter {
  name: string
  in: string
  schema: Schema
  [key: string]: unknown
}

interface MediaType {
  schema: Schema
  example?: unknown
  encoding?: Record<string, Serialization>
}

interface RequestBody {
  required?: boolean
  content: Record<string, MediaType>
}

interface Serialization {
  style: 'deepObject'
  explode: true
}

const form = 'application/x-www-form-urlencoded'
const brackets: Serialization = { style: 'deepObject', explode: true }

/**
 * Makes a component of each request body, named after its operation and offered in every media type, and says how
 * hashes and lists are written in queries and forms: @fastify/swagger repeats bodies where they stand and has no
 * word for the rest. Components stand in the order of their names, so that a change shows as what it is.
 */
export function componentRequests(document: OpenApiDocument, mediaTypes: readonly string[]): OpenApiDocument {
  const schemas = { ...document.components.schemas }
  const described = (operation: Operation): Operation => {
    const { parameters, requestBody } = operation
    return {
      ...operation,
      ...(parameters && { parameters: parameters.map(serialized) }),
      ...(requestBody && {
        requestBody: named(requestBody, `${operation.operationId}Request`, mediaTypes, schemas)
      })
    }
  }
  const paths = mapValues(document.paths, (path) => mapValues(path, described))
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { ...document, paths, components: { ...document.components, schemas: sorted } }
}

function named(
  { content }: RequestBody,
  name: string,
  mediaTypes: readonly string[],
  schemas: Record<string, Schema>
): RequestBody {
  const [media] = Object.values(content)
  if (media === undefined) throw new Error(`${name} has no content`)
  schemas[name] = media.schema
  const nested = Object.entries(media.schema.properties ?? {}).filter(([, schema]) => isNested(schema))
  const encoding = Object.fromEntries(nested.map(([property]) => [property, brackets]))
  const as = (mediaType: string): MediaType => ({
    schema: { $ref: `#/components/schemas/${name}` },
    ...('example' in media && { example: media.example }),
    ...(mediaType === form && nested.length > 0 && { encoding })
  })
  return {
    // Where every parameter is optional there need not be a body.
    required: (media.schema.required ?? []).length > 0,
    content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, as(mediaType)]))
  }
}

function serialized({ name, in: place, schema, ...rest }: Parameter): Parameter {
  return { name, in: place, ...rest, ...(place === 'query' && isNested(schema) && brackets), schema }
}

const isNested = (schema: Schema): boolean =>
  [schema.type].flat().some((type) => type === 'object' || type === 'array') ||
  (schema.anyOf ?? []).some(isNested)

const mapValues = <A, B>(hash: Record<string, A>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(hash).map(([key, value]) => [key, change(value)]))
