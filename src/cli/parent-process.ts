import { readFileSync } from 'node:fs'
import { isAlive } from '../storage/postgres/pid-file'

/**
 * Returns a function that checks whether the npm or npx that started the program has exited, and the shell between them.
 * npm forwards SIGTERM only to that shell, which exits without a signal to the program. If only the shell exits, the
 * program runs in the background for as long as npm does. Returns undefined without npm, and on systems without /proc:
 * there the program usually replaces the shell and receives the signals itself.
 */
export function parentExitCheck(): (() => boolean) | undefined {
  if (process.env.npm_execpath === undefined) return undefined
  const shell = process.ppid
  const npm = parentOf(shell)
  return npm === undefined ? undefined : () => process.ppid !== shell && !isAlive(npm)
}

function parentOf(pid: number): number | undefined {
  try {
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
    // 0 means that there is no parent.
    return Number(parent) || undefined
  } catch {
    return undefined
  }
}
