import { invalidRequest } from '../../../../plugins/errors/errors'
import { abbreviated } from '../../../../plugins/params/parameter-errors'
import { mergedCardOptions } from './options'
import type { CommonParams } from './schema'
import { shippingOf } from './shipping'
import type { PaymentIntentDetails } from './store'

/** What a payment intent shows after an update or a confirm: what was not given stays, null unsets. */
export function mergedDetails(
  old: PaymentIntentDetails,
  params: Partial<CommonParams>
): PaymentIntentDetails {
  onlyCards(params.payment_method_types)
  return {
    ...old,
    capture_method: params.capture_method ?? old.capture_method,
    card_options: mergedCardOptions(old.card_options, params.payment_method_options),
    receipt_email: given(params.receipt_email, old.receipt_email),
    setup_future_usage: given(params.setup_future_usage, old.setup_future_usage),
    shipping: params.shipping ? shippingOf(params.shipping) : given(params.shipping, old.shipping)
  }
}

const given = <T>(value: T | undefined, otherwise: T): T => (value === undefined ? otherwise : value)

function onlyCards(types: readonly string[] | undefined): void {
  const other = types?.find((type) => type !== 'card')
  if (other === undefined) return
  throw invalidRequest(
    `The payment method type '${abbreviated(other)}' can not be paid with in this vault: it takes payments by card.`,
    { param: 'payment_method_types' }
  )
}
