/**
 * Merges a hash parameter into what is stored: undefined leaves it, null unsets it, and a hash changes the leaves
 * that it names; a leaf that is null is unset and not stored.
 */
export function mergeLeaves<T extends object>(
  old: T | null | undefined,
  update: { [K in keyof T]?: T[K] | null | undefined } | null | undefined
): T | null {
  if (update === undefined) return old ?? null
  if (update === null) return null
  const leaves = Object.entries({ ...old, ...update }).filter(
    ([, value]) => value !== null && value !== undefined
  )
  return Object.fromEntries(leaves) as T
}
