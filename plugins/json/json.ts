import { nullPrototype } from './null-prototype'

/** The media type of every body, without a charset, which JSON does not have. */
export const json = 'application/json'

/**
 * Returns a body in the wire's format: two spaces of indentation, `{}` and `[]` when empty, keys in insertion
 * order.
 */
export const toBody = (value: unknown): string => JSON.stringify(value, null, 2)

/** Returns a hash with sorted keys, for keys that the caller chose (metadata) and for errors. */
export function ascending<T>(hash: Readonly<Record<string, T>>): Record<string, T> {
  const sorted = nullPrototype<T>()
  for (const key of Object.keys(hash).sort()) sorted[key] = hash[key] as T
  return sorted
}
