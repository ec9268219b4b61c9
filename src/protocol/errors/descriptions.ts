import { documents, either } from './refusal'

// What several resources document and other code throws. Each value moves to the file of the error as its resources
// are converted to declared operations.

export { badExpand } from '../expand'
export { badCursor } from '../lists/lists'
export { cardInvalid, cardRefused, noCardNumbers } from './cards'
export { unsupported } from './unsupported'
import { cardInvalid, noCardNumbers } from './cards'

export const noSuchCustomer = '404 `resource_missing`: there is no such customer, or no more.'
export const noSuchPaymentMethod = '404 `resource_missing`: there is no such payment method.'
export const noSuchGivenCustomer = '400 `resource_missing`: `customer` is no customer, or none any more.'

/** Of whoever takes a new payment method with an intent. */
export const badPaymentMethodData = [
  documents({
    status: 400,
    codes: 'parameters_exclusive',
    why: '`payment_method` and `payment_method_data` at once'
  }),
  either(
    documents({
      status: 400,
      codes: ['token_already_used', 'resource_missing'],
      why: '`payment_method_data[card][token]` was spent, or there is none'
    }),
    documents({ status: 400, why: 'it is no card, or the token is none of a card' })
  ),
  cardInvalid,
  noCardNumbers
]
export const badReturnUrl = documents({ status: 400, codes: 'url_invalid', why: '`return_url` is none' })
export const wrongClientSecret = documents({
  status: 400,
  codes: ['resource_missing', 'parameter_missing'],
  why: '`client_secret` is not that of the intent, or a publishable key came without it'
})
export const held = documents({
  status: 429,
  codes: 'lock_timeout',
  why: 'another call has the intent, or its payment method, at this moment'
})
