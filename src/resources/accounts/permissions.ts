import type { Permissions } from '../../../plugins/auth/api-keys'

/** What permissions are given for, one by one. */
export const resources = [
  'charges',
  'customers',
  'events',
  'payment_intents',
  'payment_methods',
  'refunds',
  'setup_attempts',
  'setup_intents',
  'tokens',
  'webhook_endpoints'
] as const

export type Resource = (typeof resources)[number]
export type Level = 'read' | 'write'

/** Whether it is allowed; who may write may read too, and without permissions everything is. */
export const allows = (permissions: Permissions | undefined, resource: Resource, level: Level): boolean => {
  if (permissions === undefined) return true
  const given = Object.hasOwn(permissions, resource) ? permissions[resource] : undefined
  return given === 'write' || (given === 'read' && level === 'read')
}

/** As people write them, `payment_methods:write,customers:read`; undefined for what is no such list. */
export function readPermissions(text: string): Permissions | undefined {
  const permissions: Partial<Record<string, Level>> = {}
  for (const each of text.split(',')) {
    const [, resource = '', level] = /^(\w+):(read|write)$/.exec(each) ?? []
    if (!isResource(resource) || Object.hasOwn(permissions, resource)) return undefined
    permissions[resource] = level as Level
  }
  return permissions
}

/** The same way back, in the order of the alphabet. */
export const writtenPermissions = (permissions: Permissions): string =>
  Object.entries(permissions)
    .map(([resource, level]) => `${resource}:${level ?? ''}`)
    .sort()
    .join(',')

const isResource = (text: string): text is Resource => (resources as readonly string[]).includes(text)
