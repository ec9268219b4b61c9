import type { CardErrorCode } from '../../processor/card-processor'
import { documents, either } from './refusal'

/** Documents the 402 of a card, which `CardRefused` makes of the processor's answer. */
const refusedBy = (why: string, ...codes: CardErrorCode[]) => documents({ status: 402, codes, why })

export const cardRefused = refusedBy(
  'the card was refused; `decline_code` may tell more',
  'card_declined',
  'expired_card',
  'incorrect_cvc',
  'incorrect_zip',
  'incorrect_address',
  'authentication_required',
  'card_decline_rate_limit_exceeded',
  'processing_error'
)

export const cardInvalid = refusedBy(
  'the card can not be right',
  'incorrect_number',
  'invalid_number',
  'invalid_expiry_month',
  'invalid_expiry_year',
  'invalid_cvc'
)

export const noCardNumbers = either(
  refusedBy('the number is of no test card', 'card_declined'),
  documents({ status: 402, why: 'card numbers are not taken in live mode' })
)
