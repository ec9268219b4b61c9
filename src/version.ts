import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The package's version, from its package.json: one folder up from the sources, two from the compiled code. In a
 * host's bundle there is none of ours above, and it is `bundled`.
 */
export function version(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    const manifest = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : undefined
    if (manifest?.name === 'fastify-payment-vault') return manifest.version ?? 'bundled'
    if (folder === dirname(folder)) return 'bundled'
  }
}

interface Manifest {
  name?: string
  version?: string
}
