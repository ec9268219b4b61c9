import { WireError } from './errors'

/** Returns an error's message as one line that ends with a full stop. */
export function errorMessage(error: unknown): string {
  // The cause says more than the wire's "cannot be reached".
  if (error instanceof WireError && error.cause !== undefined) return errorMessage(error.cause)
  // Node tries all addresses of a name and collects the failures in an error without a message.
  if (error instanceof AggregateError && error.errors.length > 0) return errorMessage(error.errors[0])
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.:]?$/, '.')
}
