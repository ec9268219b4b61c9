import { open, readFile } from 'node:fs/promises'
import type { Hit, Search } from './search'

/**
 * What a core dump of a process would hold: all that it may write to. The process must be our child, and should be at
 * rest. Undefined where the system has no such files.
 */
export async function inMemory(
  pid: number,
  search: Search
): Promise<{ hits: Hit[]; bytes: number } | undefined> {
  if (process.platform !== 'linux') return undefined
  const regions = (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n').flatMap(
    (line) =>
      /^([0-9a-f]+)-([0-9a-f]+) rw/
        .exec(line)
        ?.slice(1, 3)
        .map((hex) => parseInt(hex, 16)) ?? []
  )
  const memory = await open(`/proc/${pid}/mem`)
  const found: { hits: Hit[]; bytes: number } = { hits: [], bytes: 0 }
  try {
    for (let i = 0; i < regions.length; i += 2) {
      const [begin = 0, end = 0] = regions.slice(i, i + 2)
      const hits = await search.inParts(async (into, at) => {
        const length = Math.min(into.length, end - begin - at)
        if (length === 0) return 0
        // Some of it may be gone by now, or never have been there.
        const { bytesRead } = await memory.read(into, 0, length, begin + at).catch(() => ({ bytesRead: 0 }))
        found.bytes += bytesRead
        return bytesRead
      })
      found.hits.push(...hits)
    }
    return found
  } finally {
    await memory.close()
  }
}
