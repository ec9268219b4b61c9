/** Formats rows of cells as lines. Pads each column to its widest cell. */
export function table(rows: string[][]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(width(column))).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}
