import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'

const root = resolve(__dirname, '../..')

/** The floors of the house, from the ground up. A file imports from its own floor and from those below it. */
const floors = [
  ['plugins'],
  ['src/protocol', 'src/processor', 'src/storage'],
  ['src/resources'],
  ['src/webhooks', 'src/in-process'],
  ['src/pages'],
  ['src/plugin'],
  ['src/server', 'src/index.ts'],
  ['src/cli']
]

/** What is built on the house and is no part of it. */
const beside = [['openapi'], ['test']]
const all = [...floors, ...beside]
const floorOf = (file: string): number =>
  all.findIndex((floor) => floor.some((place) => file === place || file.startsWith(`${place}/`)))

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8'
})
const files = tracked.split('\n').filter((file) => file !== '')
const known = new Set(files)
// The examples of generated clients run in a copy, beside what is generated there.
const sources = files.filter(
  (file) => /\.m?ts$/.test(file) && floorOf(file) !== -1 && !file.startsWith('test/clients/stubs/')
)

/** The files that each source imports, types included. */
async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(join(root, file), 'utf8')
  const names = [...text.matchAll(/(?:from|import|import\(|require\()\s*'(\.[^']*)'/g)].map(
    ([, name]) => name ?? ''
  )
  return names.map((name) => {
    const path = relative(root, resolve(join(root, dirname(file)), name))
    return [path, `${path}.ts`, `${path}/index.ts`].find((each) => known.has(each)) ?? path
  })
}

t.test('the house has at most eight floors, and each file stands on one', async (t) => {
  t.ok(floors.length <= 8)
  const code = files.filter((file) => /^(?:src|plugins|openapi|test)\/.*\.ts$/.test(file))
  for (const file of code) t.not(floorOf(file), -1, file)
})

t.test('imports only go down', async (t) => {
  for (const file of sources) {
    for (const target of await importsOf(file)) {
      const outside = /^(?:package|built)\.json$/.test(target)
      t.ok(outside || (known.has(target) && floorOf(target) <= floorOf(file)), `${file} may import ${target}`)
    }
  }
})

t.test('no circle of imports, types included', async (t) => {
  const graph = new Map<string, string[]>()
  for (const file of sources) graph.set(file, await importsOf(file))
  t.same(circlesIn(graph), [])
})

t.test('a folder of the first two levels has at most twelve entries', async (t) => {
  for (const [folder, entries] of folders()) t.ok(entries.size <= 12, `${folder} has ${entries.size}`)
})

t.test('the ground floor never says what house stands on it', async (t) => {
  for (const file of sources.filter((file) => file.startsWith('plugins/'))) {
    const text = await readFile(join(root, file), 'utf8')
    // The name of the default schema, which statements are written with, is the one exception.
    t.notMatch(text.replaceAll('payment_vault', ''), /payment/i, file)
  }
})

/** The strongly connected parts of more than one file (Tarjan's algorithm). */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = []
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const path: string[] = []
  const visit = (file: string): number => {
    const number = order.size
    order.set(file, number)
    path.push(file)
    let low = number
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next))
      else if (path.includes(next)) low = Math.min(low, lowest.get(next) ?? order.get(next) ?? low)
    }
    lowest.set(file, low)
    if (low === number) {
      const part = path.splice(path.indexOf(file))
      if (part.length > 1) circles.push(part)
    }
    return low
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return circles
}

/** The entries of each folder down to the second level; the top level is fixed, generated files do not count. */
function folders(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const file of files) {
    const parts = file.split('/')
    for (const depth of [1, 2]) {
      const entry = parts[depth]
      if (entry === undefined) continue
      const folder = parts.slice(0, depth).join('/')
      found.set(folder, (found.get(folder) ?? new Set()).add(entry))
    }
  }
  return found
}
