import { parseArgs } from 'node:util'

export type Command =
  | { name: 'help' | 'version' | 'start' | 'migrate' | 'status' | 'keys list' | 'accounts list' }
  | { name: 'keys create'; livemode: boolean; kind: 'secret' | 'publishable'; account: string | undefined }
  | { name: 'keys revoke'; id: string }
  | { name: 'accounts create'; parent: string | undefined }

/** The command line is no command of ours; the message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  live: { type: 'boolean' },
  publishable: { type: 'boolean' },
  account: { type: 'string' },
  parent: { type: 'string' }
} as const

/** The command that each option belongs to. */
const commandOf: Record<string, string> = {
  live: 'keys create',
  publishable: 'keys create',
  account: 'keys create',
  parent: 'accounts create'
}

/** What the arguments ask for. Throws UsageError. */
export function readCommand(args: string[]): Command {
  const { values, positionals } = parsed(args)
  if (values.help) return { name: 'help' }
  if (values.version) return { name: 'version' }
  const words = ['keys', 'accounts'].includes(positionals[0] ?? '') ? 2 : 1
  const name = positionals.slice(0, words).join(' ') || 'start'
  const rest = positionals.slice(name.split(' ').length)

  const stray = Object.keys(values).find((option) => commandOf[option] !== name)
  if (stray !== undefined) throw usage(`The option --${stray} belongs to ${commandOf[stray] ?? 'no command'}`)
  switch (name) {
    case 'start':
    case 'migrate':
    case 'status':
    case 'keys list':
    case 'accounts list':
      refuseMore(name, rest)
      return { name }
    case 'accounts create':
      refuseMore(name, rest)
      return { name, parent: values.parent }
    case 'keys create': {
      refuseMore(name, rest)
      const kind = values.publishable ? 'publishable' : 'secret'
      return { name, livemode: values.live ?? false, kind, account: values.account }
    }
    case 'keys revoke': {
      const [id, ...more] = rest
      if (id === undefined) throw usage('The command keys revoke needs the id of a key')
      refuseMore(name, more)
      return { name, id }
    }
    case 'keys':
      throw usage('The command keys needs one of create, list and revoke behind it')
    case 'accounts':
      throw usage('The command accounts needs create or list behind it')
    default:
      throw usage(`There is no command ${name}`)
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    // The first sentence names the option; those behind it explain the command line as such.
    throw usage((error as Error).message.split('. ', 1)[0] ?? '')
  }
}

function refuseMore(name: string, [more]: string[]): void {
  if (more !== undefined) throw usage(`The command ${name} takes no ${JSON.stringify(more)}`)
}

const usage = (what: string): UsageError =>
  new UsageError(`${what}: fastify-payment-vault --help tells what there is.`)
