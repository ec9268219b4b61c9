import { cpus, loadavg, totalmem } from 'node:os'

/** A table as Prettier would have it: numbers are given as text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join(
    '\n'
  )
}

/** A number with as many decimals as it is worth, thousands apart; a dash for what was not measured. */
export function number(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return '-'
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

export const megabytes = (bytes: number): string => `${number(bytes / 1e6, bytes < 1e7 ? 1 : 0)} MB`

/** When, where and how: above every table. */
export function heading(postgres: string, command: string): string {
  const [core] = cpus()
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(', ')
  return [
    `${new Date().toISOString().slice(0, 10)}, \`${command}\`: ${cpus().length} cores (${core?.model.trim() ?? ''}),`,
    `${(totalmem() / 2 ** 30).toFixed(0)} GB, Node ${process.version}, Postgres ${postgres}, all on this machine, whose load`,
    `was ${load} before (1, 5, 15 minutes).`
  ].join(' ')
}

/** The command as somebody would type it. */
export function commandLine(script: string): string {
  const given = process.argv.slice(2)
  return `npm run ${script}${given.length > 0 ? ` -- ${given.join(' ')}` : ''}`
}
