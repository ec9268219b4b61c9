// How calls are refused, as their routes tell it: status, codes, why. What every call can be refused with is told once.

export const noSuchCustomer = '404 `resource_missing`: there is no such customer, or no more.'
export const noSuchPaymentMethod = '404 `resource_missing`: there is no such payment method.'
export const noSuchGivenCustomer = '400 `resource_missing`: `customer` is no customer, or none any more.'
export const badExpand = '400 without a code: `expand` names what can not be expanded.'
export const badCursor =
  '400 `resource_missing`: a cursor is no object of this list; without a code: two cursors at once.'
export const unsupported = '400 without a code: a parameter that nothing in this vault stands behind.'
export const cardRefused =
  '402 `card_declined`, `expired_card`, `incorrect_cvc`, `incorrect_zip`, `incorrect_address`, `authentication_required`, `card_decline_rate_limit_exceeded` or `processing_error`: the card was refused; `decline_code` may tell more.'
export const cardInvalid =
  '402 `incorrect_number`, `invalid_number`, `invalid_expiry_month`, `invalid_expiry_year` or `invalid_cvc`: the card can not be right.'
export const noCardNumbers =
  '402 `card_declined`: the number is of no test card; without a code: card numbers are not taken in live mode.'

/** Of whoever takes a new payment method with an intent. */
export const badPaymentMethodData = [
  '400 `parameters_exclusive`: `payment_method` and `payment_method_data` at once.',
  '400 `token_already_used` or `resource_missing`: `payment_method_data[card][token]` was spent, or there is none; without a code: it is no card, or the token is none of a card.',
  cardInvalid,
  noCardNumbers
]
export const badReturnUrl = '400 `url_invalid`: `return_url` is none.'
export const wrongClientSecret =
  '400 `resource_missing` or `parameter_missing`: `client_secret` is not that of the intent, or a publishable key came without it.'
export const held = '429 `lock_timeout`: another call has the intent, or its payment method, at this moment.'

/** What any call can be refused with, besides what is its own. */
export const refusalsOfEveryCall = [
  '400 `parameter_unknown`, `parameter_missing`, `parameter_invalid_empty`, `parameter_invalid_integer` or `invalid_characters`: a parameter is not right; without a code: it is of the wrong kind, too long or none of its values, or the body can not be read.',
  '400 without a code, of type `idempotency_error`: the idempotency key belongs to another request.',
  '401 without a code: there is no API key, or a wrong one; `api_key_expired`: the key was rolled and has come to its end; `secret_key_required`: a publishable key where a secret one is needed.',
  "403 `account_invalid`: the account of `Stripe-Account` is none of the caller's; without a code: a restricted key lacks the permission that the message names, or live mode is not served here.",
  '404 without a code: there is no such call.',
  '408 without a code: the request did not arrive in time.',
  '409 `idempotency_key_in_use`: the first request with this key is still running.',
  '413 without a code: the body is too large.',
  '415 without a code: the body is of another kind.',
  '429 `lock_timeout`: another request holds the object; `rate_limit`: the account made more calls than it may, or too many wrong keys came in. Either may be sent again.',
  '431 without a code: the URL and the headers are too long.',
  '500 without a code: the vault failed; it may be sent again.',
  '503 without a code: its database can not be reached; it may be sent again.'
]
