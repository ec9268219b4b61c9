import { openApiDocument } from '../../../src/index'

/** One endpoint of the document, and each place in it where a client may write text. */
export interface Operation {
  method: string
  /** With its parameters in braces. */
  path: string
  inPath: string[]
  /** Names in brackets, as in a form: of the body of a POST, of the query of the others. */
  leaves: string[]
  /** Whether a publishable key may call it. */
  publishable: boolean
}

/** Every endpoint that the document has: what is added to it is walked as well. */
export async function operations(): Promise<Operation[]> {
  const document = (await openApiDocument()) as unknown as Document
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in !== undefined)
      const body = operation.requestBody?.content['application/x-www-form-urlencoded']?.schema ?? {}
      const inQuery = parameters
        .filter((parameter) => parameter.in === 'query')
        .flatMap(({ name, schema }) => leavesOf(document, schema, name))
      return {
        method: method.toUpperCase(),
        path,
        inPath: parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
        leaves: [...new Set([...inQuery, ...leavesOf(document, body, '')])],
        publishable: (operation.security ?? []).some((each) => 'publishableKey' in each)
      }
    })
  )
}

interface Schema {
  $ref?: string
  type?: string
  enum?: string[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
}

interface Document {
  paths: Record<
    string,
    Record<
      string,
      {
        parameters?: { in?: string; name: string; schema: Schema }[]
        requestBody?: { content: Record<string, { schema: Schema }> }
        security?: object[]
      }
    >
  >
  components: { schemas: Record<string, Schema> }
}

function leavesOf(document: Document, given: Schema, name: string): string[] {
  const schema = given.$ref ? (document.components.schemas[given.$ref.split('/').at(-1) ?? ''] ?? {}) : given
  const within = (part: Schema, as: string) => leavesOf(document, part, as)
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  return [
    ...parts.flatMap((part) => within(part, name)),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, part]) =>
      within(part, name === '' ? key : `${name}[${key}]`)
    ),
    ...(schema.items ? within(schema.items, `${name}[0]`) : []),
    ...(schema.type === 'string' && schema.enum === undefined ? [name] : [])
  ]
}
