import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import t from 'tap'

const root = resolve(__dirname, '../..')
// From the ground up: a file may import from its own floor and from those below it.
const floors = ['plugins', 'src', 'openapi', 'test']
const floorOf = (path: string): number => floors.indexOf(relative(root, path).split(sep)[0] ?? '')

async function sources(floor: string): Promise<{ path: string; text: string }[]> {
  const entries = await readdir(join(root, floor), { recursive: true })
  const files = entries.filter((name) => /\.m?ts$/.test(name)).map((name) => join(root, floor, name))
  return Promise.all(files.map(async (path) => ({ path, text: await readFile(path, 'utf8') })))
}

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import|import\(|require\()\s*'(\.[^']*)'/g)].map(([, name]) => name ?? '')

t.test('imports only go down: test, openapi, src, plugins', async (t) => {
  for (const floor of floors) {
    const files = await sources(floor)
    t.ok(files.length > 0, `${floor} has files`)
    for (const { path, text } of files) {
      for (const name of importsOf(text)) {
        const target = resolve(dirname(path), name)
        t.ok(
          floorOf(target) <= floorOf(path) &&
            (floorOf(target) !== -1 || /\/(package|built)\.json$/.test(target)),
          `${relative(root, path)} may import ${name}`
        )
      }
    }
  }
})

t.test('within src no resource takes another one’s routes', async (t) => {
  for (const { path, text } of await sources('src')) {
    const taken = importsOf(text).filter((name) => name.includes('/') && name.endsWith('/routes'))
    const own = relative(join(root, 'src'), path).includes(sep)
    if (own) t.same(taken, [], relative(root, path))
  }
})

t.test('the ground floor never says what house stands on it', async (t) => {
  for (const { path, text } of await sources('plugins')) {
    // The name of the default schema, which statements are written with, is the one exception.
    t.notMatch(text.replaceAll('payment_vault', ''), /payment/i, relative(root, path))
  }
})
