import type { Generator } from '../generators'

export interface Outcome {
  generator: Generator
  result: 'passed' | 'failed' | 'skipped'
  seconds?: number
  /** Why it failed or was skipped. */
  reason?: string
}

/** The table, what went wrong, what could not be tried, and the sum. */
export function report(outcomes: readonly Outcome[]): string {
  const failures = outcomes.filter(({ result }) => result === 'failed')
  const skips = outcomes.filter(({ result }) => result === 'skipped')
  const passed = outcomes.length - failures.length - skips.length
  return [
    ...table(outcomes),
    '',
    ...failures.map(({ generator, reason = '' }) => `FAILED ${generator.name}: ${reason}\n`),
    ...skips.map(({ generator, reason = '' }) => `SKIPPED ${generator.name}: ${reason}`),
    `${passed} passed, ${failures.length} failed${skips.length > 0 ? `, ${skips.length} skipped` : ''}`
  ].join('\n')
}

function table(outcomes: readonly Outcome[]): string[] {
  const rows = outcomes.map(({ generator, result, seconds }) => [
    generator.title,
    generator.language,
    generator.version,
    result,
    seconds?.toFixed(0) ?? ''
  ])
  const head = ['generator', 'language', 'version', 'result', 'seconds']
  const widths = head.map((word, column) =>
    Math.max(word.length, ...rows.map((row) => row[column]?.length ?? 0))
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
}
