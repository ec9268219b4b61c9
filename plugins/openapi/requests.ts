import {
  formType,
  mapOperations,
  mapValues,
  type MediaType,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type Reference,
  type RequestBody,
  type Schema
} from './shape'

/** A parameter, such as a header, of all operations or of those with one of `methods`. */
export interface SharedParameter {
  parameter: Parameter
  methods?: readonly string[]
}

// OpenAPI's styles for hashes in brackets (`created[gt]=1`) and for lists (the name once for each value).
const bracketStyle = { style: 'deepObject', explode: true }
const repeatedStyle = { style: 'form', explode: true }

/**
 * Makes a component of each request body, named after its operation, in every media type. Adds the shared
 * parameters and the styles of hashes and lists. @fastify/swagger inlines bodies and sets no styles.
 */
export function describeRequests(
  document: OpenApiDocument,
  mediaTypes: readonly string[],
  shared: Record<string, SharedParameter>
): OpenApiDocument {
  const schemas = { ...document.components.schemas }
  const parameters = mapValues(shared, ({ parameter }) => parameter)
  const described = (operation: Operation, method: string): Operation => {
    const { parameters: own = [], requestBody, ...rest } = operation
    const everywhere = Object.entries(shared)
      .filter(([, { methods }]) => methods === undefined || methods.includes(method))
      .map(([name]) => ({ $ref: `#/components/parameters/${name}` }))
    return {
      ...rest,
      parameters: [...own.map(withStyle), ...everywhere],
      ...(requestBody && {
        requestBody: requestComponent(requestBody, `${operation.operationId}Request`, mediaTypes, schemas)
      })
    }
  }
  const changed = mapOperations(document, described)
  return { ...changed, components: { ...document.components, schemas, parameters } }
}

function requestComponent(
  { content }: RequestBody,
  name: string,
  mediaTypes: readonly string[],
  schemas: Record<string, Schema>
): RequestBody {
  const [media] = Object.values(content)
  if (media === undefined) throw new Error(`${name} has no content`)
  schemas[name] = media.schema
  const nested = Object.entries(media.schema.properties ?? {}).filter(([, schema]) => isNested(schema))
  const encoding = Object.fromEntries(nested.map(([property]) => [property, bracketStyle]))
  const as = (mediaType: string): MediaType => ({
    schema: { $ref: `#/components/schemas/${name}` },
    ...('example' in media && { example: media.example }),
    ...(mediaType === formType && nested.length > 0 && { encoding })
  })
  return {
    // The body is optional when all its parameters are.
    required: (media.schema.required ?? []).length > 0,
    content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, as(mediaType)]))
  }
}

function withStyle(parameter: Parameter | Reference): Parameter | Reference {
  if ('$ref' in parameter) return parameter
  const { name, in: place, schema, ...rest } = parameter
  const style =
    place !== 'query' || !isNested(schema) ? {} : schema.type === 'array' ? repeatedStyle : bracketStyle
  return { name, in: place, ...rest, ...style, schema }
}

const isNested = (schema: Schema): boolean =>
  [schema.type].flat().some((type) => type === 'object' || type === 'array') ||
  (schema.anyOf ?? []).some(isNested)
