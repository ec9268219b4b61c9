import type { Documented } from './refusal'

/** What the document says of the refusals with one status. A code of null is to have none. */
export interface Refusals {
  description: string
  codes: (string | null)[]
}

/** Returns what the document says of these errors, by status. */
export function refusalsOf(errors: readonly (Documented | string)[]): Record<string, Refusals> {
  const byStatus: Record<string, Refusals> = {}
  for (const error of errors) {
    const { status, line, codes } = typeof error === 'string' ? parsed(error) : said(error)
    const of = (byStatus[status] ??= { description: '', codes: [] })
    of.description += `${of.description && '\n'}- ${line}`
    of.codes.push(...codes)
  }
  for (const each of Object.values(byStatus)) each.codes = [...new Set(each.codes)].sort(byName)
  return byStatus
}

/** Returns the line of an error: "`a` or `b`: why; without a code, `param` `c`: why else." */
export const lineOf = ({ clauses }: Documented): string => `${clauses.map(clauseText).join('; ')}.`

function clauseText({ codes, type, param, why }: Documented['clauses'][number]): string {
  const named = codes.filter((code) => code !== null).map((code) => `\`${code}\``)
  const last = named.pop()
  const head = last === undefined ? 'without a code' : [named.join(', '), last].filter(Boolean).join(' or ')
  const more =
    type !== undefined ? `, of type \`${type}\`` : param !== undefined ? `, \`param\` \`${param}\`` : ''
  return `${head}${more}: ${why}`
}

const said = (error: Documented) => ({
  status: String(error.status),
  line: lineOf(error),
  codes: error.clauses.flatMap(({ codes }) => codes)
})

const byName = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1)

// Until every route is a declared operation: errors as texts, "404 `resource_missing`: why".
const refusal = /^(\d{3}) (.+)$/s
const head =
  /^(without a code|`[a-z_]+`(?:, `[a-z_]+`)*(?: or `[a-z_]+`)?)(?:,(?: of type| `param`) `[a-z_]+`)?: /

function parsed(text: string): ReturnType<typeof said> {
  const [, status = '', line = ''] = refusal.exec(text) ?? []
  const heads = line.split('; ').map((clause) => head.exec(clause)?.[1])
  if (heads[0] === undefined) throw new Error(`not a refusal: ${text}`)
  return { status, line, codes: heads.flatMap((each) => (each === undefined ? [] : codesIn(each))) }
}

const codesIn = (words: string): (string | null)[] =>
  words === 'without a code' ? [null] : [...words.matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => code)
