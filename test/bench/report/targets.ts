import { number, table } from './markdown'

/** One line of what the vault is to reach: at least so much, or at most. */
export interface Target {
  figure: string
  measured: number
  least?: number
  most?: number
  decimals?: number
}

/** The table with a tick or a cross for each; a dash for what was not measured this time. */
export const targetTable = (targets: readonly Target[]): string =>
  table(
    ['figure', 'to reach', 'measured', ''],
    targets.map((target) => {
      const { figure, measured, decimals = 2 } = target
      return [figure, bound(target), number(measured, decimals), verdict(target)]
    })
  )

function bound({ least, most, decimals = 2 }: Target): string {
  return least !== undefined
    ? `${number(least, decimals)} or more`
    : `${number(most ?? NaN, decimals)} at most`
}

function verdict({ measured, least = -Infinity, most = Infinity }: Target): string {
  if (!Number.isFinite(measured)) return '-'
  return measured >= least && measured <= most ? '✓' : '✗'
}
