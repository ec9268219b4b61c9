import type { Permissions } from '../../plugins/auth/api-keys'

export type Level = 'read' | 'write'

/** Returns whether a caller may do this; `write` includes `read`, and a key without permissions may do everything. */
export const allows = (permissions: Permissions | undefined, resource: string, level: Level): boolean => {
  if (permissions === undefined) return true
  const given = Object.hasOwn(permissions, resource) ? permissions[resource] : undefined
  return given === 'write' || (given === 'read' && level === 'read')
}

/** Reads `payment_methods:write,customers:read`; returns undefined for text that is no list of these resources. */
export function readPermissions(text: string, resources: readonly string[]): Permissions | undefined {
  const permissions: Partial<Record<string, Level>> = {}
  for (const each of text.split(',')) {
    const [, resource = '', level] = /^(\w+):(read|write)$/.exec(each) ?? []
    if (!resources.includes(resource) || Object.hasOwn(permissions, resource)) return undefined
    permissions[resource] = level as Level
  }
  return permissions
}

/** Writes permissions as `readPermissions` reads them, in the order of the alphabet. */
export const writtenPermissions = (permissions: Permissions): string =>
  Object.entries(permissions)
    .map(([resource, level]) => `${resource}:${level ?? ''}`)
    .sort()
    .join(',')
