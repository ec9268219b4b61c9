import { noEvents } from './errors'

/** The types that an endpoint asks for, each once; throws the wire's error where there is none. */
export function eventsOf(enabled: readonly string[]): string[] {
  if (enabled.length === 0) throw noEvents()
  return [...new Set(enabled)]
}
