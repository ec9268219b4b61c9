import { mapHashes, type OpenApiDocument, type Schema } from './shape'

/** The keyword that names a schema's component, wherever it stands in a route's schema. */
export const componentName = 'x-component'

/**
 * Moves every schema that names its component there, and leaves a reference: one type in a generated client, however
 * many routes take it. What it is called in different places in different words is said there, else in the component.
 * Components stand in the order of their names, so that a change shows as what it is. Throws where two schemas that
 * differ have one name.
 */
export function collectComponents(document: OpenApiDocument): OpenApiDocument {
  const found: Record<string, Schema> = {}
  const places: Record<string, Schema[]> = {}

  const collected = (hash: Schema): Schema => {
    const { [componentName]: name, description, ...schema } = hash
    if (typeof name !== 'string') return hash
    const known = (found[name] ??= schema)
    if (JSON.stringify(known) !== JSON.stringify(schema)) throw new Error(`two components are named ${name}`)
    const place = { $ref: `#/components/schemas/${name}`, ...(description !== undefined && { description }) }
    ;(places[name] ??= []).push(place)
    return place
  }

  const changed = mapHashes(document, collected) as OpenApiDocument
  for (const [name, schema] of Object.entries(found)) {
    const [first, ...others] = places[name] ?? []
    if (first?.description === undefined || others.some((each) => each.description !== first.description))
      continue
    found[name] = { ...schema, description: first.description }
    for (const place of [first, ...others]) delete place.description
  }
  const all = { ...changed.components.schemas, ...found }
  const schemas = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { ...changed, components: { ...changed.components, schemas } }
}
