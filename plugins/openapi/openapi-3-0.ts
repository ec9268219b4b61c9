import { mapValues, type OpenApiDocument, type Schema } from './shape'

/**
 * Converts the document for tools that read only OpenAPI 3.0, and changes only what 3.1 takes from JSON
 * Schema. Handles what our documents use: no `const`, no tuples, no exclusive bounds.
 */
export function toOpenApi30(document: OpenApiDocument): OpenApiDocument {
  const { license, ...others } = document.info as { license?: { name: string; identifier: string } }
  const info = {
    ...others,
    ...(license && { license: { name: license.name, url: spdx(license.identifier) } })
  }
  return { ...(convert(document) as OpenApiDocument), openapi: '3.0.3', info }
}

const spdx = (identifier: string): string => `https://spdx.org/licenses/${identifier}.html`

// Keywords whose values map names, not keywords.
const maps = new Set(['properties', 'schemas', 'responses', 'content', 'encoding', 'paths'])
const literals = new Set(['example', 'enum', 'x-codeSamples'])

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert)
  if (typeof value !== 'object' || value === null) return value
  const hash = value as Schema
  // OpenAPI 3.0 ignores keywords beside a reference.
  if (typeof hash.$ref === 'string') return { $ref: hash.$ref }
  const copy: Schema = {}
  for (const [key, each] of Object.entries(hash)) {
    if (literals.has(key)) copy[key] = each
    else if (maps.has(key)) copy[key] = mapValues(each as Record<string, unknown>, convert)
    else copy[key] = convert(each)
  }
  if (Array.isArray(hash.type)) return { ...copy, ...nullableType(hash.type, copy) }
  return copy.anyOf ? { ...copy, anyOf: withoutNull(copy.anyOf) } : copy
}

function nullableType(types: readonly string[], { anyOf }: Schema): Schema {
  const others = types.filter((type) => type !== 'null')
  const nullable = others.length < types.length ? { nullable: true } : {}
  const [type] = others
  if (others.length > 1 || type === undefined || anyOf)
    throw new Error(`3.0 has no type ${types.join(' or ')}`)
  return { type, ...nullable }
}

/**
 * OpenAPI 3.0 has no null type, and `nullable` needs a type beside it: one member with a type of its own
 * becomes nullable.
 */
function withoutNull(members: readonly Schema[]): Schema[] {
  const others = members.filter(({ type }) => type !== 'null')
  if (others.length === members.length) return others
  const typed = others.findIndex(({ type }) => type !== undefined)
  if (typed === -1) throw new Error('3.0 has no union of references and null')
  return others.with(typed, { ...others[typed], nullable: true })
}
