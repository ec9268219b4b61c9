/**
 * The command and arguments that run a program without the recorder that tap hangs on every Node which a test starts:
 * it doubles the time a start takes, and another user can not even load it. The shell becomes the program.
 */
export const untracked = (command: string, args: readonly string[]): [string, string[]] => [
  '/bin/sh',
  ['-c', 'unset NODE_OPTIONS; exec "$@"', 'sh', command, ...args]
]
