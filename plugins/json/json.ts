import { nullPrototype } from './null-prototype'

/** The media type of every body: without a charset, which JSON does not have. */
export const json = 'application/json'

/** A body as the wire has it: two spaces, `{}` and `[]` for what is empty, keys in the order they are given. */
export const toBody = (value: unknown): string => JSON.stringify(value, null, 2)

/** Keys ascending: for hashes whose keys the caller chose (metadata) and for the error hash. */
export function ascending<T>(hash: Readonly<Record<string, T>>): Record<string, T> {
  const sorted = nullPrototype<T>()
  for (const key of Object.keys(hash).sort()) sorted[key] = hash[key] as T
  return sorted
}
