/** How a call may be refused with one status: with these codes, null being none. */
export interface Refusals {
  description: string
  codes: (string | null)[]
}

// "404 `resource_missing`: why", or more than one: "400 `a` or `b`: why; without a code, `param` `c`: why else".
const refusal = /^(\d{3}) (.+)$/s
const head =
  /^(without a code|`[a-z_]+`(?:, `[a-z_]+`)*(?: or `[a-z_]+`)?)(?:,(?: of type| `param`) `[a-z_]+`)?: /

/** The refusals by status, as a route's texts tell them. Throws for a text that is not written like one. */
export function refusalsOf(texts: readonly string[]): Record<string, Refusals> {
  const byStatus: Record<string, Refusals> = {}
  for (const text of texts) {
    const [, status = '', told = ''] = refusal.exec(text) ?? []
    const heads = told.split('; ').map((clause) => head.exec(clause)?.[1])
    if (heads[0] === undefined) throw new Error(`not a refusal: ${text}`)
    const of = (byStatus[status] ??= { description: '', codes: [] })
    of.description += `${of.description && '\n'}- ${told}`
    of.codes.push(...heads.flatMap((each) => (each === undefined ? [] : codesIn(each))))
  }
  for (const each of Object.values(byStatus)) each.codes = [...new Set(each.codes)].sort(byName)
  return byStatus
}

const byName = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1)

const codesIn = (words: string): (string | null)[] =>
  words === 'without a code' ? [null] : [...words.matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => code)
