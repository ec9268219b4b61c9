import { join } from 'node:path'

/**
 * The contents of the file that the build writes beside the compiled code. Bundlers include that file and no
 * other.
 */
interface BuildInfo {
  version: string
  /** The SQL of each migration by file name. */
  migrations: Record<string, string>
}

/** Returns the build's file; undefined when the sources run without a build. */
export function buildInfo(): BuildInfo | undefined {
  try {
    // An import would fail to compile without the file. Bundlers recognize this form.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('../../built.json') as BuildInfo
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** The folder of the package's migrations; absent in a bundle. */
export const ownMigrations = (): string => join(__dirname, '../../migrations')
