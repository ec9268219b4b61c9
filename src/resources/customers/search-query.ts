import { abbreviated } from '../../../plugins/params/parameter-errors'
import { type Comparison, type Operator, Scanner, unparsable } from './search-scanner'
import { wordsOf } from './search-text'

export type TextField = 'email' | 'name' | 'phone'

/** One condition of a search, without its negation. */
export type Condition =
  | { kind: 'words'; field: TextField; words: string[] }
  | { kind: 'substring'; field: TextField; text: string }
  | { kind: 'metadata'; key: string; value: string }
  | { kind: 'created'; comparison: Comparison; seconds: number }
  | { kind: 'absent'; field: TextField | 'created' }
  | { kind: 'absent'; field: 'metadata'; key: string }

export interface Clause {
  negated: boolean
  condition: Condition
}

/** What is looked for: every clause, or any of them. */
export interface SearchQuery {
  any: boolean
  clauses: Clause[]
}

const mostClauses = 10
const shortestSubstring = 3
const fields = ['created', 'email', 'metadata', 'name', 'phone'] as const

/**
 * Reads the language that customers are searched in: clauses of a field, an operator and a value, joined by AND or a
 * space, or all by OR. Throws the wire's error, with the place and what was expected there.
 */
export function parseSearchQuery(text: string): SearchQuery {
  const scanner = new Scanner(text)
  const clauses = [clauseOf(scanner)]
  const joints = new Set<'and' | 'or'>()
  while (!scanner.atEnd()) {
    const at = scanner.position
    joints.add(scanner.joint())
    if (joints.size > 1) {
      throw unparsable(scanner, 'AND (or a space) and OR can not be combined in one query', at)
    }
    if (clauses.length === mostClauses) {
      throw unparsable(scanner, `A query has up to ${mostClauses} clauses, and there is one more`)
    }
    clauses.push(clauseOf(scanner))
  }
  return { any: joints.has('or'), clauses }
}

function clauseOf(scanner: Scanner): Clause {
  const negated = scanner.negation()
  const at = scanner.position
  const name = scanner.name()
  const key = name === 'metadata' ? scanner.key() : undefined
  const operator = scanner.operator()
  const field = fieldOf(scanner, name, at)
  if (!operatorsOf[field].includes(operator)) {
    const known = operatorsOf[field].map((each) => `\`${each}\``).join(', ')
    throw unparsable(scanner, `Field \`${field}\` does not support \`${operator}\`, only ${known}`, at)
  }
  return { negated, condition: conditionOf(scanner, field, key, operator) }
}

function fieldOf(scanner: Scanner, name: string, at: number): (typeof fields)[number] {
  const field = fields.find((each) => each === name)
  if (field !== undefined) return field
  const list = fields.map((each) => (each === 'metadata' ? 'metadata["key"]' : each)).join(', ')
  throw unparsable(
    scanner,
    `Field \`${abbreviated(name)}\` is an unsupported search field for resource \`customers\`: use one of ${list}`,
    at
  )
}

const comparisons = [':', '>', '>=', '<', '<='] as const
const operatorsOf: Record<(typeof fields)[number], readonly Operator[]> = {
  created: comparisons,
  email: [':', '~'],
  metadata: [':'],
  name: [':', '~'],
  phone: [':', '~']
}

function conditionOf(
  scanner: Scanner,
  field: (typeof fields)[number],
  key: string | undefined,
  operator: Operator
): Condition {
  const at = scanner.position
  const value = scanner.value()
  if (value === null) {
    if (operator !== ':') throw unparsable(scanner, `\`null\` can only follow \`:\``, at)
    return field === 'metadata' ? { kind: 'absent', field, key: key ?? '' } : { kind: 'absent', field }
  }
  if (field === 'created') {
    if (!/^-?\d{1,15}$/.test(value)) throw unparsable(scanner, 'Expected a whole number of seconds', at)
    return { kind: 'created', comparison: operator as Comparison, seconds: Number(value) }
  }
  if (field === 'metadata') return { kind: 'metadata', key: key ?? '', value }
  if (operator === '~') {
    if (Array.from(value).length < shortestSubstring) {
      throw unparsable(scanner, `Expected a substring of at least ${shortestSubstring} characters`, at)
    }
    return { kind: 'substring', field, text: value }
  }
  const words = wordsOf(value)
  if (words.length === 0) throw unparsable(scanner, 'Expected at least one word', at)
  return { kind: 'words', field, words }
}
