import type { Schema } from './openapi-shape'

/**
 * A text that an empty one unsets is a text: as a union of the two it would be a type of its own in clients, which nobody
 * could give a plain string.
 */
export function plainTexts<T>(value: T): T {
  return plainer(value) as T
}

function plainer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainer)
  if (typeof value !== 'object' || value === null) return value
  const { anyOf, ...rest } = value as Schema
  const [text, empty] = anyOf ?? []
  if (anyOf?.length === 2 && text && isAnyText(text) && isEmptyText(empty)) return { ...text, ...rest }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainer(each)]))
}

const isAnyText = ({ type, ...more }: Schema): boolean =>
  type === 'string' && Object.keys(more).every((key) => key === 'maxLength' || key === 'description')

const isEmptyText = (schema: Schema | undefined): boolean =>
  schema?.type === 'string' && schema.enum?.length === 1 && schema.enum[0] === ''
