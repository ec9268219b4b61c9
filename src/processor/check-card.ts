import cardValidator from 'card-validator'
import type { CardDetails } from './card-processor'
import { CardRefused } from './card-processor'

const YEARS_AHEAD = 50

interface CheckedCard {
  /** Digits only. */
  number: string
  exp_month: number
  /** Four digits. */
  exp_year: number
}

/**
 * Validates a card's number, month, year and CVC in this order, without a network call. Throws the 402 of the
 * first invalid value. A card is valid through the last day of its month, in UTC.
 */
export function checkCard(card: CardDetails, now: Date): CheckedCard {
  const number = card.number.replace(/[\s-]/g, '')
  const { isValid, card: type } = cardValidator.number(number, { luhnValidateUnionPay: true })
  if (!isValid || type === null) {
    throw refused('incorrect_number', 'number', 'Your card number is incorrect.')
  }

  const exp_month = card.exp_month
  const exp_year = checkExpiry(exp_month, card.exp_year, now)

  // American Express cards have four digits on the front and three on the back: both are valid.
  const cvcLengths = type.type === 'american-express' ? [3, 4] : [3]
  if (card.cvc !== undefined && !cardValidator.cvv(card.cvc, cvcLengths).isValid) {
    throw refused('invalid_cvc', 'cvc', "Your card's security code is invalid.")
  }
  return { number, exp_month, exp_year }
}

/** Returns the year in four digits. Throws the 402 of a month that is over or invalid. */
export function checkExpiry(exp_month: number, year: number, now: Date): number {
  if (!Number.isInteger(exp_month) || exp_month < 1 || exp_month > 12) throw monthRefused()

  const exp_year = fourDigits(year)
  const thisYear = now.getUTCFullYear()
  if (!Number.isInteger(exp_year) || exp_year < thisYear || exp_year > thisYear + YEARS_AHEAD) {
    throw refused('invalid_expiry_year', 'exp_year', "Your card's expiration year is invalid.")
  }
  if (exp_year === thisYear && exp_month <= now.getUTCMonth()) throw monthRefused()
  return exp_year
}

// card-validator's own check reads the system clock, allows 19 years, and rejects two-digit years.
const fourDigits = (year: number): number => (year >= 0 && year < 100 ? 2000 + year : year)

const monthRefused = (): CardRefused =>
  refused('invalid_expiry_month', 'exp_month', "Your card's expiration month is invalid.")

const refused = (
  code: 'incorrect_number' | 'invalid_cvc' | 'invalid_expiry_month' | 'invalid_expiry_year',
  param: string,
  message: string
): CardRefused => new CardRefused({ code, param, message })
