import { build, type Plugin } from 'esbuild'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** A rule of the program, broken: `from` stands once in the file, whose path is the project's. */
export interface BrokenText {
  file: string
  from: string
  to: string
}

let programs = 0

/** A program, named from the folder of chaos, in one file, as it is started some hundred times; with a rule of it broken, or none. */
export async function compiled(folder: string, name: string, broken?: BrokenText): Promise<string> {
  const outfile = join(folder, `${basename(name)}-${++programs}.js`)
  await build({
    entryPoints: [join(__dirname, '..', `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    external: ['pg-native'],
    logLevel: 'error',
    plugins: broken ? [breaking(broken)] : []
  })
  // Where the program looks for its version.
  await writeFile(join(folder, 'package.json'), JSON.stringify({ version: '0.0.0' }))
  return outfile
}

const breaking = ({ file, from, to }: BrokenText): Plugin => {
  const path = join(__dirname, '../../..', file)
  return {
    name: 'breaking',
    setup(build) {
      let broken = false
      build.onLoad({ filter: /\.ts$/ }, async (loaded) => {
        if (loaded.path !== path) return undefined
        const text = await readFile(path, 'utf8')
        broken = text.split(from).length === 2
        return { contents: text.replace(from, () => to), loader: 'ts' }
      })
      build.onEnd(() => {
        if (!broken) throw new Error(`${file} does not say it once any more: ${from}`)
      })
    }
  }
}
