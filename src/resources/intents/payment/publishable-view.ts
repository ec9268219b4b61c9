import { invalidRequest, type WireError } from '../../../../plugins/errors/errors'
import type { Call } from '../../call'

/** Throws where a browser, when it confirms, says something of how the merchant takes the money. */
export function refuseMerchantsParams(
  call: Call,
  params: { payment_method_options?: { card?: object | null } }
): void {
  if (!call.publishable) return
  const given = ['capture_method', 'off_session', 'payment_method_types'].find((name) => name in params)
  if (given !== undefined) throw secretKeyOnly(given)
  const { card } = params.payment_method_options ?? {}
  if (card && 'capture_method' in card) throw secretKeyOnly('payment_method_options[card][capture_method]')
}

const secretKeyOnly = (param: string): WireError =>
  invalidRequest(`The parameter '${param}' may be given with a secret key only.`, { param })
