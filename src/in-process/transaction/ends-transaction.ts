/** Whether an SQL command begins or ends a transaction. `rollback to` a savepoint of the host's own is theirs to do. */
export const endsTransaction = (text: string): boolean => ending.test(text.slice(beginOf(text)))

// One command at a time, so its first word tells.
const ending =
  /^(?:begin|start|commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b))\b/i

/** Where the first word stands: behind blanks, empty commands and comments. */
function beginOf(text: string): number {
  const blank = /(?:[\s;]|--[^\n\r]*(?:[\n\r]|$))*/y
  for (;;) {
    blank.test(text)
    if (!text.startsWith('/*', blank.lastIndex)) return blank.lastIndex
    blank.lastIndex = endOfComment(text, blank.lastIndex)
  }
}

/** A comment may hold others. */
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
