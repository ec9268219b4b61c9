import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { Json } from '../helpers/vault'

const root = join(__dirname, '../..')
const read = async (name: string): Promise<Json> =>
  JSON.parse(await readFile(join(root, name), 'utf8')) as Json

interface Locked {
  version?: string
  integrity?: string
  resolved?: string
  link?: boolean
  dev?: boolean
  hasInstallScript?: boolean
}

const lockFiles = ['package-lock.json', 'test/clients/package-lock.json']
const locked = async (name: string): Promise<[path: string, entry: Locked][]> =>
  Object.entries((await read(name)).packages as Record<string, Locked>).filter(([path]) => path !== '')

t.test('plugins/README.md gives a reason for each direct dependency, and for no other', async (t) => {
  const { dependencies, peerDependencies } = await read('package.json')
  const text = await readFile(join(root, 'plugins/README.md'), 'utf8')
  const [, table = ''] = /<!-- dependencies -->(.*?)<!-- \/dependencies -->/s.exec(text) ?? []
  const rows = [...table.matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm)].map(
    ([, name, reason]) => [name, reason] as const
  )
  t.same(
    rows.map(([name]) => name).sort(),
    Object.keys({ ...(dependencies as object), ...(peerDependencies as object) }).sort()
  )
  for (const [name = '', reason] of rows) t.match(reason, /\w+ \w+/, name)
})

t.test('every locked package is named by its content, and by no address', async (t) => {
  for (const file of lockFiles) {
    const entries = await locked(file)
    t.ok(entries.length > 100, file)
    for (const [path, { integrity, resolved, link }] of entries) {
      t.match(integrity, /^sha512-[\w+/]+={0,2}$/, `${file} ${path}`)
      t.notOk(resolved ?? link, `${file} ${path} comes from the registry, whichever is set`)
    }
  }
})

t.test('nothing that is shipped runs anything when it is installed', async (t) => {
  const shipped = (await locked('package-lock.json')).filter(([, { dev }]) => dev !== true)
  t.ok(shipped.length > 50)
  t.same(
    shipped.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
    []
  )
  // The lock file says what the registry said; these are the files themselves.
  for (const [path] of shipped) {
    const { scripts = {} } = await read(`${path}/package.json`)
    t.same(
      Object.keys(scripts as object).filter((name) => /^(pre|post)?install$/.test(name)),
      [],
      path
    )
  }
  // `prepare` builds a checkout. Of a package from the registry npm runs none.
  const own = Object.keys((await read('package.json')).scripts as object)
  t.same(
    own.filter((name) => /^(pre|post)?(install|prepare)$/.test(name)),
    ['prepare']
  )
})

t.test('the bill of materials names what is locked to be shipped, each once', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['.ci/sbom.mjs'], {
    cwd: root,
    maxBuffer: 64 << 20
  })
  const bill = JSON.parse(stdout) as Json
  t.match(bill, { bomFormat: 'CycloneDX', specVersion: /^1\.\d$/, serialNumber: /^urn:uuid:[\da-f-]{36}$/ })
  const components = bill.components as Json[]
  const named = new Set(components.map(({ name, version }) => `${String(name)}@${String(version)}`))
  const { dependencies, peerDependencies } = await read('package.json')
  const shipped = (await locked('package-lock.json')).filter(([, { dev }]) => dev !== true)
  for (const [path, { version }] of shipped) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    t.ok(named.has(`${name}@${String(version)}`), `${name}@${String(version)}`)
  }
  for (const name of Object.keys({ ...(dependencies as object), ...(peerDependencies as object) })) {
    t.ok(
      components.some((each) => each.name === name),
      name
    )
  }
  t.equal(named.size, components.length)
  for (const { name, purl, hashes } of components) {
    t.match(purl, /^pkg:npm\//, String(name))
    t.match(hashes, [{ alg: 'SHA-512', content: /^[\da-f]{128}$/ }], String(name))
  }
})
