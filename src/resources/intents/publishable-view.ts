import { invalidRequest, parameterMissing } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import type { Expand } from '../../protocol/expand'
import { isClientSecret } from './client-secret'

/** Throws unless a browser, or whoever gives one, has the client secret of the intent. */
export function refuseOthersSecret(
  call: Call,
  noun: 'PaymentIntent' | 'SetupIntent',
  id: string,
  { client_secret: given }: { client_secret?: string }
): void {
  if (given === undefined) {
    if (call.publishable) throw parameterMissing('client_secret')
    return
  }
  if (isClientSecret(call, id, given)) return
  throw invalidRequest(`The client_secret provided does not match any associated ${noun} on this account.`, {
    code: 'resource_missing',
    param: 'client_secret'
  })
}

/** What a browser may see beside the intent: the payment method, and not whose it is. */
export const seenBy = (call: Call, expand: Expand): Expand =>
  call.publishable ? expand.map(({ property }) => ({ property, children: [] })) : expand

/** The part of an intent that a browser is shown. */
export function shownToBrowsers<T extends { id: string; object: string }>(
  { publishable }: Pick<Call, 'publishable'>,
  wire: T,
  keys: ReadonlySet<string>
): T {
  if (!publishable) return wire
  const { id, object, ...rest } = wire
  const seen = Object.entries(rest).filter(([key]) => keys.has(key))
  // Whoever reads it by name has a secret key: to a browser it goes as it is.
  return { id, object, ...Object.fromEntries(seen) } as T
}
