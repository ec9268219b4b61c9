import { join } from 'node:path'

/** What the build puts into one file beside the compiled code. A bundler takes that along, and no other file. */
export interface BuildInfo {
  version: string
  /** The text of each migration, by its file's name. */
  migrations: Record<string, string>
}

/** Undefined where the sources run themselves. */
export function buildInfo(): BuildInfo | undefined {
  try {
    // No import: there is no such file to compile with. In these words bundlers find it.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('../../built.json') as BuildInfo
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** The package's migrations as files, where the sources or the compiled code run in their own folders. */
export const ownMigrations = join(__dirname, '../../migrations')
