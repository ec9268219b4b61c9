import { readFileSync } from 'node:fs'
import { isAlive } from '../storage/postgres/pid-file'

/**
 * Tells whether npm or npx, which started the program, has ended, and the shell between them. npm passes SIGTERM on to the
 * shell alone, which ends without a word to what runs in it. A shell that ends by itself has put the program into the
 * background, where it stays for as long as npm does. Undefined without npm, and where there is no /proc: elsewhere the
 * program mostly stands in the place of the shell, and hears of signals itself.
 */
export function starterGone(): (() => boolean) | undefined {
  if (process.env.npm_execpath === undefined) return undefined
  const shell = process.ppid
  const npm = parentOf(shell)
  return npm === undefined ? undefined : () => process.ppid !== shell && !isAlive(npm)
}

function parentOf(pid: number): number | undefined {
  try {
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
    // 0 is nobody.
    return Number(parent) || undefined
  } catch {
    return undefined
  }
}
