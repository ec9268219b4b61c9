import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkSync } from 'recheck'
import t from 'tap'
import ts from 'typescript'
import { openApiDocument } from '../../src/pages/document'

// In this process, without Java and without a program of its own.
process.env.RECHECK_SYNC_BACKEND = 'pure'

interface Pattern {
  source: string
  flags: string
  place: string
}

const root = join(__dirname, '../..')

/** Those made of other text than a literal: what goes in is a name of the vault's own, or letters and digits alone. */
const made = [
  "src/processor/redact-errors.ts new RegExp(characters.slice(0, 40).join('[^a-z\\\\d]{0,3}'), 'gi')",
  "src/storage/postgres/user.ts new RegExp(`^${name}:[^:]*:(-?\\\\d+):(-?\\\\d+):`, 'm')"
]

async function patternsOf(folder: string): Promise<{ literals: Pattern[]; others: string[] }> {
  const literals: Pattern[] = []
  const others: string[] = []
  const names = (await readdir(join(root, folder), { recursive: true })).filter((name) =>
    name.endsWith('.ts')
  )
  for (const name of names) {
    const file = join(folder, name)
    const text = await readFile(join(root, file), 'utf8')
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const [, source = '', flags = ''] = /^\/(.*)\/(\w*)$/s.exec(node.text) ?? []
        const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree))
        literals.push({ source, flags, place: `${file}:${line + 1}` })
      } else if (
        (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
        node.expression.getText(tree) === 'RegExp'
      ) {
        others.push(`${file} ${node.getText(tree)}`)
      }
      ts.forEachChild(node, visit)
    }
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
    visit(tree)
  }
  return { literals, others }
}

function* patternsIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, each] of Object.entries(value)) {
    if (key === 'pattern' && typeof each === 'string') yield each
    else yield* patternsIn(each)
  }
}

const verdict = ({ source, flags }: Omit<Pattern, 'place'>): string => {
  const found = checkSync(source, flags, { timeout: 60_000 })
  if (found.status === 'safe') return found.status
  return found.status === 'vulnerable' ? `vulnerable: ${found.complexity.summary}` : 'not decided'
}

t.test('no pattern takes longer than its text is long', async (t) => {
  const found = await Promise.all(['plugins', 'src'].map(patternsOf))
  const literals = found.flatMap((each) => each.literals)
  for (const { place, source, flags } of literals)
    t.equal(verdict({ source, flags }), 'safe', `${place} /${source}/`)
  t.ok(literals.length > 50, 'they were found')
  t.same(found.flatMap((each) => each.others).sort(), made, 'the others are known')
})

t.test('neither does one of the document', async (t) => {
  for (const source of new Set(patternsIn(await openApiDocument())))
    t.equal(verdict({ source, flags: 'u' }), 'safe', source)
})

t.test('one that does is found out', async (t) => {
  t.match(
    verdict({ source: '^-?(?:\\d+\\.?\\d*|\\.\\d+)$', flags: '' }),
    /^vulnerable: 2nd degree polynomial/
  )
  t.match(verdict({ source: '^(a|a)*$', flags: '' }), /^vulnerable: exponential/)
})
