import { nullPrototype } from '../../../plugins/json/null-prototype'
import { isHash } from '../../../plugins/params/reader'

type Hash = Record<string, unknown>

/**
 * `previous_attributes` of an update: the keys that changed, with the values they had; within hashes only the leaves,
 * arrays whole; null for a key that was not there. Undefined when nothing changed.
 */
export function previousAttributes(before: object, after: object): Hash | undefined {
  const old = before as Hash
  const changed = after as Hash
  // Metadata may have a key named `__proto__`: without a prototype it is one like any other.
  const previous = nullPrototype()
  for (const key of new Set([...Object.keys(old), ...Object.keys(changed)])) {
    const [was, is] = [old[key], changed[key]]
    if (isHash(was) && isHash(is)) {
      const inner = previousAttributes(was, is)
      if (inner) previous[key] = inner
    } else if (JSON.stringify(was) !== JSON.stringify(is)) {
      previous[key] = was ?? null
    }
  }
  return Object.keys(previous).length > 0 ? previous : undefined
}
