import type { Pool, QueryResultRow } from 'pg'
import type { Queryable, Statement } from '../../../plugins/database/statement'
import { median } from './figures'

/** Median and longest of what the database itself needs for it, in milliseconds, planning included. */
export async function explained(
  pool: Pool,
  questions: readonly { text: string; values: readonly unknown[] }[]
): Promise<{ median: number; longest: number }> {
  const took: number[] = []
  for (const { text, values } of questions) {
    const { rows } = await pool.query<{ 'QUERY PLAN': [Plan] }>(
      `explain (analyze, format json, timing off) ${text}`,
      values as unknown[]
    )
    const [plan] = rows[0]?.['QUERY PLAN'] ?? []
    took.push((plan?.['Planning Time'] ?? NaN) + (plan?.['Execution Time'] ?? NaN))
  }
  return { median: median(took), longest: Math.max(...took) }
}

interface Plan {
  'Planning Time': number
  'Execution Time': number
}

/** The statement that `ask` would send, without sending it. */
export async function statementOf(
  ask: (db: Queryable) => Promise<unknown>
): Promise<{ text: string; values: readonly unknown[] }> {
  let asked = { text: '', values: [] as readonly unknown[] }
  const refuse = (): never => {
    throw new Error('only one statement was expected')
  }
  await ask({
    query: async <Row extends QueryResultRow>({ text }: Statement<Row>, values: readonly unknown[] = []) => {
      asked = { text, values }
      return [] as Row[]
    },
    raw: refuse,
    afterCommit: refuse
  })
  return asked
}
