import { type Static, Type } from '@sinclair/typebox'
import { type WireErrorFields, wireFields } from '../../../plugins/errors/errors'
import { ascending } from '../../../plugins/json/json'
import type { View } from '../../protocol/view'
import { PaymentMethod, paymentMethodToObject } from '../payment-methods/object'
import type { PaymentMethodRow } from '../payment-methods/store'
import { nullable, nullableHash, ref } from '../../protocol/schemas'

/** Why the last try did not succeed, as an intent keeps it. */
export interface LastError {
  fields: WireErrorFields
  payment_method: PaymentMethodRow | null
}

/** The payment method as it is now: what becomes of it later is not shown. */
export const lastErrorOf = (
  fields: WireErrorFields,
  paymentMethod: PaymentMethodRow | undefined
): LastError => ({ fields, payment_method: paymentMethod ? lean(paymentMethod) : null })

/** Without a token, or whatever else came with the row. */
const lean = ({
  id,
  created,
  type,
  state,
  customer_id,
  details,
  billing_details,
  allow_redisplay,
  metadata
}: PaymentMethodRow): PaymentMethodRow => ({
  id,
  created,
  type,
  state,
  customer_id,
  details,
  billing_details,
  allow_redisplay,
  metadata
})

/** The hash of the error itself, and with it the payment method. */
export function lastErrorToObject(view: View, error: LastError | null): Static<typeof LastErrorShown> {
  if (!error) return null
  const { fields, payment_method: row } = error
  // The fields of an error are open, and these were checked when it was thrown.
  return ascending({
    ...wireFields(fields),
    ...(row && { payment_method: paymentMethodToObject(view, row) })
  }) as unknown as Static<typeof LastErrorShown>
}

const text = (description: string) => Type.Optional(Type.String({ description }))

export const LastErrorShown = nullableHash(
  {
    advice_code: text('What to do about a refused card.'),
    charge: text('The charge that failed.'),
    code: text('What went wrong, for programs.'),
    decline_code: text("The issuer's reason to refuse a card."),
    doc_url: text('Where the code is explained.'),
    message: text('What went wrong, for people.'),
    network_advice_code: text("The card network's advice."),
    network_decline_code: text("The card network's reason."),
    param: text('The parameter that is to blame.'),
    payment_method: Type.Optional(ref(PaymentMethod)),
    type: nullable('string', { description: 'Whose fault it is.' })
  },
  { description: 'Why the last try did not succeed; null where there was none, or it did.' }
)
