import { mapHashes, type OpenApiDocument, type Schema } from './shape'

/**
 * Turns a union of a string and the empty string into a plain string. Generated clients would otherwise make
 * it a type that takes no plain string.
 */
export const collapseStringUnions = (document: OpenApiDocument): OpenApiDocument =>
  mapHashes(document, collapse) as OpenApiDocument

function collapse(hash: Schema): Schema {
  const { anyOf, ...rest } = hash
  const [text, empty] = anyOf ?? []
  const isPlain = anyOf?.length === 2 && text && isAnyText(text) && isEmptyText(empty)
  return isPlain ? { ...text, ...rest } : hash
}

const isAnyText = ({ type, ...more }: Schema): boolean =>
  type === 'string' && Object.keys(more).every((key) => key === 'maxLength' || key === 'description')

const isEmptyText = (schema: Schema | undefined): boolean =>
  schema?.type === 'string' && schema.enum?.length === 1 && schema.enum[0] === ''
