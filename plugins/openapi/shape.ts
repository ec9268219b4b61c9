/** The parts of an OpenAPI document that this folder changes. */
export interface OpenApiDocument {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  servers: { url: string; description?: string }[]
  components: {
    schemas: Record<string, Schema>
    parameters?: Record<string, Parameter>
    [kind: string]: unknown
  }
  [key: string]: unknown
}

export interface Operation {
  operationId: string
  parameters?: (Parameter | Reference)[]
  requestBody?: RequestBody
  responses: Record<string, Response>
  [key: string]: unknown
}

export interface Reference {
  $ref: string
}

export interface Schema {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  anyOf?: Schema[]
  enum?: unknown[]
  [keyword: string]: unknown
}

export interface Parameter {
  name: string
  in: string
  schema: Schema
  required?: boolean
  example?: unknown
  [key: string]: unknown
}

export interface MediaType {
  schema: Schema
  example?: unknown
  encoding?: Record<string, { style: string; explode: boolean }>
}

export interface RequestBody {
  required?: boolean
  content: Record<string, MediaType>
}

interface Response {
  description: string
  content: Record<string, MediaType>
  [key: string]: unknown
}

export const formType = 'application/x-www-form-urlencoded'

export const mapValues = <A, B>(
  hash: Record<string, A>,
  change: (value: A, key: string) => B
): Record<string, B> =>
  Object.fromEntries(Object.entries(hash).map(([key, value]) => [key, change(value, key)]))

/**
 * Returns the document with each operation changed. `path` is the document's own, with parameters in braces.
 */
export const mapOperations = (
  document: OpenApiDocument,
  change: (operation: Operation, method: string, path: string) => Operation
): OpenApiDocument => ({
  ...document,
  paths: mapValues(document.paths, (item, path) =>
    mapValues(item, (operation, method) => change(operation, method, path))
  )
})

/** Returns a copy of a JSON value in which `change` has replaced each hash, innermost first. */
export function mapHashes(value: unknown, change: (hash: Schema) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => mapHashes(each, change))
  if (typeof value !== 'object' || value === null) return value
  return change(mapValues(value as Record<string, unknown>, (each) => mapHashes(each, change)))
}
