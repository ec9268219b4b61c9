import { invalidRequest, type WireError } from '../../../../plugins/errors/errors'
import { abbreviated } from '../../../../plugins/params/parameter-errors'
import { currencies, minimumOf, money } from './currencies'

/** Eight digits, in the smallest unit of any currency. */
const maximum = 99_999_999

/**
 * The currency in lower case, if an amount of it can be charged. Throws the 400 that names the parameter: for a currency
 * that there is not, for less than its published minimum, for more than eight digits.
 */
export function chargeable(amount: number, given: string): string {
  const currency = given.toLowerCase()
  if (!currencies.includes(currency)) throw noSuchCurrency(given)
  if (amount < minimumOf(currency)) throw tooLittle()
  if (amount > maximum) {
    throw invalidRequest(`Amount must be no more than ${money(maximum, currency)}`, {
      code: 'amount_too_large',
      param: 'amount'
    })
  }
  return currency
}

const noSuchCurrency = (given: string): WireError =>
  invalidRequest(
    `Invalid currency: ${abbreviated(given.toLowerCase())}. Stripe currently supports these currencies: ${currencies.join(', ')}`,
    { param: 'currency' }
  )

const tooLittle = (): WireError =>
  invalidRequest(
    // Two blanks after the first sentence, as on the wire.
    'The amount must be greater than or equal to the minimum charge amount allowed for your account and the currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a Payment Method for future use without an immediate payment, use a Setup Intent instead: https://docs.stripe.com/payments/setup-intents',
    { code: 'parameter_invalid_integer', param: 'amount' }
  )
