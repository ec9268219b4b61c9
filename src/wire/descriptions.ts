/** What an operation does, and the errors that are its own: those of every call are told once, in front of them all. */
export const withErrors = (text: string, ...errors: string[]): string =>
  [`${text}\n\nErrors:\n`, ...errors].join('\n- ')

export const noSuchCustomer = '404 `resource_missing`: there is no such customer, or no more.'
export const noSuchPaymentMethod = '404 `resource_missing`: there is no such payment method.'
export const noSuchGivenCustomer = '400 `resource_missing`: `customer` is no customer, or none any more.'
export const badExpand = '400 without a code: `expand` names what can not be expanded.'
export const badCursor =
  '400 `resource_missing`: a cursor is no object of this list; without a code: two cursors at once.'
export const unsupported = '400 without a code: a parameter that nothing in this vault stands behind.'
export const cardRefused =
  '402 `card_declined`, `expired_card`, `incorrect_cvc`, `incorrect_zip`, `authentication_required` or `processing_error`: the card was refused; `decline_code` may tell more.'
export const cardInvalid =
  '402 `incorrect_number`, `invalid_expiry_month`, `invalid_expiry_year` or `invalid_cvc`: the card can not be right.'
export const wrongClientSecret =
  '400 `resource_missing` or `parameter_missing`: `client_secret` is not that of the intent, or a publishable key came without it.'
export const held = '429 `lock_timeout`: another call has the intent, or its payment method, at this moment.'
