import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Counted } from './counted'
import { formsOf, type Marks } from './marks'
import { inMemory } from './memory'
import type { Process } from './process'
import { Search } from './search'

interface Left {
  marks: Marks
  counted: Counted
  /** Where the heap is written down. */
  folder: string
}

/**
 * What the process still refers to after a collection, which is judged; but for what Fastify keeps of every body: the
 * last 100 types that were named in its header. Those are told.
 */
export async function whatLives(server: Process, { marks, counted, folder }: Left): Promise<string> {
  const file = join(folder, 'heap.heapsnapshot')
  await server.collect(file)
  const types = new Set(marks.contentTypes)
  const hits = await new Search(formsOf(numbersOf(marks), { utf16: true })).inFile(file)
  await rm(file)
  const others = hits.filter(({ form }) => !types.has(form.mark))
  counted.add('referred to', 'what lives on the heap', others)
  return `${hits.length - others.length} numbers live on in the list of content types`
}

/** What a core dump would hold, which can only be told: what nothing refers to any more is not written over at once. */
export async function whatIsLeft(server: Process, marks: Marks): Promise<string | undefined> {
  const numbers = numbersOf(marks)
  await server.collect()
  const left = await server.frozen(() => inMemory(server.pid, new Search(formsOf(numbers, { utf16: true }))))
  if (!left) return undefined
  const found = new Set(left.hits.map(({ form }) => form.mark.text))
  return `in ${(left.bytes / 2 ** 20).toFixed(0)} MB of memory are ${found.size} of ${numbers.length} numbers, in ${left.hits.length} places`
}

/** Shorter ones would be found by chance. */
const numbersOf = (marks: Marks) => marks.all.filter(({ text }) => text.length >= 12)
