import { METADATA } from '../../../plugins/params/schema'
import { invalidRequest } from '../../../plugins/errors/errors'

/**
 * Merges an update into metadata: null for a key deletes it, null for the whole deletes all. Throws the wire's error
 * where there would be more keys than the bounds allow.
 */
export function mergeMetadata(
  metadata: Readonly<Record<string, string>>,
  update: Readonly<Record<string, string | null>> | null | undefined
): Record<string, string> {
  if (update === undefined) return metadata
  const merged = new Map(update === null ? [] : Object.entries(metadata))
  for (const [key, value] of Object.entries(update ?? {})) {
    if (value === null) merged.delete(key)
    else merged.set(key, value)
  }
  if (merged.size > METADATA.keys) {
    throw invalidRequest(
      `Metadata can have up to ${METADATA.keys} keys, but there would be ${merged.size} keys.`,
      { param: 'metadata' }
    )
  }
  return Object.fromEntries(merged)
}
