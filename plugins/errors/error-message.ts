import { WireError } from './errors'

/** What an error says, on one line, without its stack. */
export function errorMessage(error: unknown): string {
  // The wire's "cannot be reached" says less than what it was made from.
  if (error instanceof WireError && error.cause !== undefined) return errorMessage(error.cause)
  // Node tries all addresses of a name and gathers the refusals; the whole has no message.
  if (error instanceof AggregateError && error.errors.length > 0) return errorMessage(error.errors[0])
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.:]?$/, '.')
}
