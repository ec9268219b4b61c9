import { metadataTooManyKeys } from '../../plugins/parameter-errors'
import { METADATA } from '../../plugins/schema'

/** Merges an update into metadata: null for a key deletes it, null for the whole deletes all. */
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
  // Each update is within the bound by itself; what they add up to has to be as well.
  if (merged.size > METADATA.keys) throw metadataTooManyKeys('metadata', merged.size, METADATA.keys)
  return Object.fromEntries(merged)
}
