import { mapHashes, type OpenApiDocument, type Schema } from './shape'

/** The keyword that names a schema's component. */
export const componentName = 'x-component'

/**
 * Moves every schema with a component name to the components and leaves a reference: generated clients get
 * one type for all uses. A description that differs between uses stays at the use; a common one moves to the
 * component. Sorts components by name, so that a diff shows only real changes. Throws when two different
 * schemas share a name.
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
