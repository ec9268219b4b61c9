import { invalidRequest, parameterMissing } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import type { View } from '../../protocol/view'
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

/** What a publishable key is shown of an intent: these keys of it, besides its id and its kind. */
export type PublishableView<T, K extends keyof T> = Pick<T, K | ('id' & keyof T) | ('object' & keyof T)>

/** Returns the whole intent to a secret key, and its publishable view to a browser. */
export function shownToBrowsers<T extends { id: string; object: string }, K extends keyof T & string>(
  { publishable }: Pick<View, 'publishable'>,
  whole: T,
  keys: ReadonlySet<K>
): T | PublishableView<T, K> {
  if (!publishable) return whole
  const { id, object, ...rest } = whole
  const seen = Object.entries(rest).filter(([key]) => (keys as ReadonlySet<string>).has(key))
  return { id, object, ...Object.fromEntries(seen) } as PublishableView<T, K>
}
