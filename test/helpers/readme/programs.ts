import { transformSync } from 'esbuild'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { type Block, read, root } from './blocks'

/**
 * The code blocks of one document as one program: a later block uses the names of the earlier ones, and may declare them
 * again. A line of the program has the number that it has in the document.
 */
export interface Program {
  /** Where the program would be, so that its relative imports count from the document's folder. */
  path: string
  text: string
}

/** Returns the program of a document's blocks, after `fill` has put values in place of placeholders. */
export function programOf(file: string, blocks: readonly Block[], fill = (text: string) => text): Program {
  const lines = read(file)
    .split('\n')
    .map(() => '')
  const imports: string[] = []
  const names = new Set<string>()
  for (const { line, code } of blocks) {
    const body = fill(code)
      .replace(/^import [^]*?'$/gm, (found) => {
        imports.push(found.replaceAll('\n', ' '))
        return found.replace(/[^\n]/g, '')
      })
      .replace(/^export /gm, '')
    for (const [, name] of body.matchAll(/^(?:const|function|class) (\w+)/gm)) if (name) names.add(name)
    lines[line - 1] = '{'
    for (const [index, text] of body.trimEnd().split('\n').entries()) lines[line + index] = text
  }
  lines[0] = `${imports.join(';')}; export async function run() {${lines[0] ?? ''}`
  const end = `return { ${[...names].join(', ')} }${'}'.repeat(blocks.length)}}`
  return { path: join(root, `${file}.ts`), text: [...lines, end].join('\n') }
}

/** Returns the compiler's complaints about the programs, each with the document's line. */
export function complaintsAbout(programs: readonly Program[]): string[] {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root
  )
  const disk = ts.createCompilerHost(options)
  const textOf = (path: string) => programs.find((program) => program.path === path)?.text
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => textOf(path) !== undefined || disk.fileExists(path),
    readFile: (path) => textOf(path) ?? disk.readFile(path),
    getSourceFile: (path, version, ...more) => {
      const text = textOf(path)
      return text === undefined
        ? disk.getSourceFile(path, version, ...more)
        : ts.createSourceFile(path, text, version)
    }
  }
  const program = ts.createProgram(
    programs.map(({ path }) => path),
    {
      ...options,
      ...{
        noEmit: true,
        declaration: false,
        skipLibCheck: true,
        esModuleInterop: true,
        noUnusedLocals: false
      },
      ...{ resolveJsonModule: true, baseUrl: root, paths: { 'fastify-payment-vault': ['./src/index.ts'] } }
    },
    host
  )
  return programs.flatMap(({ path }) => {
    const source = program.getSourceFile(path)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return found.map(({ start = 0, messageText }) => {
      const line = source ? source.getLineAndCharacterOfPosition(start).line + 1 : 0
      return `${path}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
  })
}

/** Runs a program and returns the values of its names. Rejects with what the program throws. */
export async function runProgram({ path, text }: Program): Promise<Record<string, unknown>> {
  const { code } = transformSync(text, { loader: 'ts', format: 'cjs', sourcefile: path })
  const fromDocument = createRequire(join(dirname(path), 'index.js'))
  const load = (name: string): unknown =>
    fromDocument(name === 'fastify-payment-vault' ? join(root, 'src/index') : name)
  const module = { exports: {} as { run: () => Promise<Record<string, unknown>> } }
  // The documents are our own.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('require', 'module', 'exports', code)(load, module, module.exports)
  return module.exports.run()
}
