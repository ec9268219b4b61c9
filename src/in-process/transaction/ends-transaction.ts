/** Returns whether an SQL command begins or ends a transaction. `rollback to` a savepoint does neither. */
export const endsTransaction = (text: string): boolean => ending.test(text.slice(beginOf(text)))

// A text holds one command, so its first word decides.
const ending =
  /^(?:begin|start|commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b))\b/i

/** Returns the index of the first word, after whitespace, empty commands and comments. */
function beginOf(text: string): number {
  const blank = /(?:[\s;]|--[^\n\r]*(?:[\n\r]|$))*/y
  for (;;) {
    blank.test(text)
    if (!text.startsWith('/*', blank.lastIndex)) return blank.lastIndex
    blank.lastIndex = endOfComment(text, blank.lastIndex)
  }
}

/** Returns the index after a block comment. Postgres allows nested comments. */
function endOfComment(text: string, begin: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = begin
  let depth = 0
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return text.length
}
