import { parseArgs } from 'node:util'
import { readPermissions } from '../protocol/permissions'
import { permissionNames } from '../resources/index'
import type { NewKeyOptions } from './commands/keys'

type Command =
  | { name: 'help' | 'version' }
  | { name: 'start' | 'migrate' | 'status' | 'deliver' | 'keys list' | 'accounts list' | 'webhooks list' }
  | ({ name: 'keys create' } & NewKeyOptions)
  | { name: 'keys revoke'; id: string }
  | { name: 'keys roll'; id: string; hours: number }
  | { name: 'accounts create'; parent: string | undefined }
  | { name: 'export'; account: string }
  | { name: 'import'; file: string | undefined }
  | { name: 'events resend'; id: string; endpoint: string | undefined }
  | { name: 'webhooks roll'; id: string; hours: number }
  | ({ name: 'listen' } & ListenOptions)

/** The options of the `listen` command. */
export interface ListenOptions {
  forwardTo: string
  /** The event types; empty for all. */
  events: string[]
  livemode: boolean
  account: string | undefined
}

/** Thrown for an invalid command line. The message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  live: { type: 'boolean' },
  publishable: { type: 'boolean' },
  restricted: { type: 'boolean' },
  allow: { type: 'string' },
  account: { type: 'string' },
  parent: { type: 'string' },
  'webhook-endpoint': { type: 'string' },
  'expires-in': { type: 'string' },
  'forward-to': { type: 'string' },
  events: { type: 'string' }
} as const

/** The commands that each option belongs to. */
const commandsOf: Record<string, string[]> = {
  live: ['keys create', 'listen'],
  publishable: ['keys create'],
  restricted: ['keys create'],
  allow: ['keys create'],
  account: ['keys create', 'listen'],
  parent: ['accounts create'],
  'webhook-endpoint': ['events resend'],
  'expires-in': ['keys roll', 'webhooks roll'],
  'forward-to': ['listen'],
  events: ['listen']
}

/** The second words of the commands that have two. */
const seconds: Record<string, string> = {
  keys: 'create, list, roll or revoke',
  accounts: 'create or list',
  events: 'resend',
  webhooks: 'list or roll'
}

/** Parses the command line. Throws UsageError. */
export function readCommand(args: string[]): Command {
  const { values, positionals } = parsed(args)
  if (values.help) return { name: 'help' }
  if (values.version) return { name: 'version' }
  const words = Object.hasOwn(seconds, positionals[0] ?? '') ? 2 : 1
  const name = positionals.slice(0, words).join(' ') || 'start'
  const rest = positionals.slice(name.split(' ').length)

  const misplaced = Object.keys(values).find((option) => !commandsOf[option]?.includes(name))
  if (misplaced !== undefined) {
    throw usage(
      `The option --${misplaced} belongs to ${commandsOf[misplaced]?.join(' and ') ?? 'no command'}`
    )
  }
  switch (name) {
    case 'start':
    case 'migrate':
    case 'status':
    case 'deliver':
    case 'keys list':
    case 'accounts list':
    case 'webhooks list':
      refuseMore(name, rest)
      return { name }
    case 'accounts create':
      refuseMore(name, rest)
      return { name, parent: values.parent }
    case 'keys create': {
      refuseMore(name, rest)
      return { name, livemode: values.live ?? false, account: values.account, ...kindOf(values) }
    }
    case 'keys roll':
      return { name, id: onlyId(name, 'a key', rest), hours: hoursOf(values['expires-in'] ?? '24') }
    case 'keys revoke':
      return { name, id: onlyId(name, 'a key', rest) }
    case 'export':
      return { name, account: onlyId(name, 'an account', rest) }
    case 'import':
      refuseMore(name, rest.slice(1))
      return { name, file: rest[0] }
    case 'events resend':
      return { name, id: onlyId(name, 'an event', rest), endpoint: values['webhook-endpoint'] }
    case 'webhooks roll':
      return { name, id: onlyId(name, 'an endpoint', rest), hours: hoursOf(values['expires-in'] ?? '24') }
    case 'listen': {
      refuseMore(name, rest)
      const forwardTo = values['forward-to']
      if (forwardTo === undefined) throw usage('The command listen needs --forward-to with a URL')
      return {
        name,
        forwardTo: urlOf(forwardTo),
        events: values.events?.split(',').filter((type) => type !== '') ?? [],
        livemode: values.live ?? false,
        account: values.account
      }
    }
    default: {
      const second = Object.hasOwn(seconds, name) ? seconds[name] : undefined
      if (second !== undefined) throw usage(`The command ${name} needs a second word: ${second}`)
      throw usage(`There is no command ${name}`)
    }
  }
}

function onlyId(name: string, what: string, [id, ...more]: string[]): string {
  if (id === undefined) throw usage(`The command ${name} needs the id of ${what}`)
  refuseMore(name, more)
  return id
}

function kindOf(values: {
  publishable?: boolean
  restricted?: boolean
  allow?: string
}): Pick<NewKeyOptions, 'kind' | 'permissions'> {
  const { publishable = false, restricted = false, allow } = values
  if (publishable && restricted) throw usage('A key is either publishable or restricted')
  if (restricted !== (allow !== undefined))
    throw usage('The options --restricted and --allow go together, as in --allow customers:read')
  if (allow === undefined) return { kind: publishable ? 'publishable' : 'secret' }
  const permissions = readPermissions(allow, permissionNames)
  if (permissions) return { kind: 'restricted', permissions }
  throw usage(
    `The option --allow must be a list such as payment_methods:write,customers:read, with each of ${permissionNames.join(', ')} at most once`
  )
}

function hoursOf(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 168) return Number(text)
  throw usage('The option --expires-in must be a number of hours from 0 to 168')
}

/** Accepts a URL, a URL without its scheme (`localhost:3000/hooks`), or only a port. */
function urlOf(text: string): string {
  const place = /^\d+$/.test(text) ? `localhost:${text}` : text
  const whole = place.includes('://') ? place : `http://${place}`
  if (/^https?:\/\//i.test(whole) && URL.canParse(whole)) return whole
  throw usage('The option --forward-to must be a URL such as localhost:3000/webhooks')
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    // The first sentence names the option. The others explain command lines in general.
    throw usage((error as Error).message.split('. ', 1)[0] ?? '')
  }
}

function refuseMore(name: string, [more]: string[]): void {
  if (more !== undefined) throw usage(`The command ${name} takes no ${JSON.stringify(more)}`)
}

const usage = (what: string): UsageError => new UsageError(`${what}: see fastify-payment-vault --help.`)
