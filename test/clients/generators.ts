import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { devDependencies } from './package.json'
import {
  classPath,
  generatorJar,
  npmPrograms,
  openApiGenerator,
  pipPrograms,
  type Tools
} from './harness/tools'
import type { Toolchain } from './harness/toolchains'

export interface Generator {
  /** The folder of its example, and the name of the customer that the example makes. */
  name: string
  title: string
  language: string
  version: string
  document: 'openapi.json' | 'openapi-3.0.json'
  needs: Toolchain[]
  tools: Tools[]
  /**
   * Run in a copy of the folder that has the document beside it, as openapi.json: what generates, what compiles, and
   * last the program.
   */
  commands: () => Promise<string[][]> | string[][]
}

type Package = keyof typeof devDependencies

const npm = (program: string): string => join(npmPrograms, program)

function typeScript(name: string, generator: Package, generate: string[], compile: string[] = []): Generator {
  return {
    name,
    title: generator,
    language: 'TypeScript',
    version: devDependencies[generator],
    document: 'openapi.json',
    needs: ['node'],
    tools: ['npm'],
    commands: () => [generate, [npm('tsc'), '-p', '.', ...compile], [npm('tsx'), 'main.ts']]
  }
}

const openApi = (name: string, language: string, rest: Pick<Generator, 'needs' | 'commands'>): Generator => ({
  name,
  title: 'openapi-generator',
  language,
  version: openApiGenerator,
  document: 'openapi.json',
  tools: ['jars'],
  ...rest
})

const openApiGenerate = ['java', '-jar', generatorJar, 'generate', '-c', 'config.yml']
const oapiCodegen = 'v2.8.2'

/** Those that take longest come first: the short ones fill up what is left. */
export const generators: Generator[] = [
  openApi('openapi-generator-java', 'Java', {
    needs: ['java', 'maven'],
    commands: async () => {
      const packages = await classPath()
      return [
        openApiGenerate,
        ['javac', '-proc:none', '-nowarn', '-d', 'classes', '-cp', packages, '@sources'],
        [
          'javac',
          '-proc:none',
          '-Xlint:all',
          '-Werror',
          '-d',
          'classes',
          '-cp',
          `classes:${packages}`,
          'Main.java'
        ],
        ['java', '-cp', `classes:${packages}`, 'Main']
      ]
    }
  }),
  openApi('openapi-generator-go', 'Go', {
    needs: ['java', 'maven', 'go'],
    commands: () => [openApiGenerate, ['go', 'vet', './...'], ['go', 'run', '.']]
  }),
  {
    name: 'openapi-python-client',
    title: 'openapi-python-client',
    language: 'Python',
    version: pinnedByPip('openapi-python-client'),
    document: 'openapi.json',
    needs: ['python'],
    tools: ['pip'],
    commands: () => [
      [
        ...[join(pipPrograms, 'openapi-python-client'), 'generate', '--path', 'openapi.json'],
        ...['--config', 'config.yml', '--meta', 'none', '--overwrite', '--output-path', 'generated']
      ],
      // What it generates has types, but not such as hold in itself: the program is what is looked at.
      [join(pipPrograms, 'mypy'), '--strict', '--follow-imports', 'silent', 'main.py'],
      [join(pipPrograms, 'python'), 'main.py']
    ]
  },
  typeScript(
    'hey-api',
    '@hey-api/openapi-ts',
    [npm('openapi-ts'), '--input', 'openapi.json', '--output', 'generated'],
    // The client that it writes into each project is not made for this one.
    ['--exactOptionalPropertyTypes', 'false']
  ),
  typeScript('openapi-fetch', 'openapi-typescript', [
    ...[npm('openapi-typescript'), 'openapi.json', '--output', 'generated/schema.ts']
  ]),
  typeScript('orval', 'orval', [npm('orval')]),
  typeScript('swagger-typescript-api', 'swagger-typescript-api', [
    ...[npm('swagger-typescript-api'), 'generate', '--path', './openapi.json'],
    ...['--output', 'generated', '--name', 'client.ts']
  ]),
  {
    name: 'oapi-codegen',
    title: 'oapi-codegen',
    language: 'Go',
    version: oapiCodegen.slice(1),
    document: 'openapi-3.0.json',
    needs: ['go'],
    tools: [],
    commands: () => [
      [
        ...['go', 'run', `github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@${oapiCodegen}`],
        ...['-config', 'config.yml', 'openapi.json']
      ],
      ['go', 'vet', './...'],
      ['go', 'run', '.']
    ]
  }
]

function pinnedByPip(name: string): string {
  const list = readFileSync(join(__dirname, 'stubs/openapi-python-client/requirements.txt'), 'utf8')
  return new RegExp(`^${name}==(.+)$`, 'm').exec(list)?.[1] ?? 'unknown'
}
