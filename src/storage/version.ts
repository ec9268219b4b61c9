import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildInfo } from './build-info'

/**
 * Returns the package's version: from the build, else from its package.json; `bundled` in a bundle of the
 * sources.
 */
export function version(): string {
  const known = buildInfo()?.version
  if (known !== undefined) return known
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
