import type { CardRefusal } from '../card-processor'

/** The refusals of the published test cards. The network and advice codes are those sent since 2025. */
export const GENERIC_DECLINE: CardRefusal = {
  code: 'card_declined',
  decline_code: 'generic_decline',
  message: 'Your card was declined.',
  advice_code: 'try_again_later',
  network_decline_code: '01'
}

export const INSUFFICIENT_FUNDS: CardRefusal = {
  code: 'card_declined',
  decline_code: 'insufficient_funds',
  message: 'Your card has insufficient funds.',
  advice_code: 'try_again_later',
  network_decline_code: '51',
  network_advice_code: '02'
}

/** After an authentication this refusal has no advice. */
export const INSUFFICIENT_FUNDS_AUTHENTICATED: CardRefusal = {
  code: 'card_declined',
  decline_code: 'insufficient_funds',
  message: 'Your card has insufficient funds.'
}

export const LOST_CARD: CardRefusal = {
  code: 'card_declined',
  decline_code: 'lost_card',
  message: 'Your card was declined.',
  advice_code: 'do_not_try_again',
  network_decline_code: '41',
  network_advice_code: '01'
}

export const STOLEN_CARD: CardRefusal = {
  code: 'card_declined',
  decline_code: 'stolen_card',
  message: 'Your card was declined.',
  advice_code: 'do_not_try_again',
  network_decline_code: '43',
  network_advice_code: '01'
}

export const EXPIRED_CARD: CardRefusal = {
  code: 'expired_card',
  decline_code: 'expired_card',
  message: 'Your card has expired.',
  advice_code: 'confirm_card_data',
  network_decline_code: '54',
  network_advice_code: '03',
  param: 'exp_month'
}

export const INCORRECT_CVC: CardRefusal = {
  code: 'incorrect_cvc',
  decline_code: 'incorrect_cvc',
  message: "Your card's security code is incorrect.",
  advice_code: 'confirm_card_data',
  network_decline_code: 'N7',
  network_advice_code: '03',
  param: 'cvc'
}

export const PROCESSING_ERROR: CardRefusal = {
  code: 'processing_error',
  decline_code: 'processing_error',
  message: 'An error occurred while processing your card. Try again in a little bit.',
  advice_code: 'try_again_later',
  network_decline_code: '06'
}

export const VELOCITY_EXCEEDED: CardRefusal = {
  code: 'card_declined',
  decline_code: 'card_velocity_exceeded',
  message:
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  advice_code: 'try_again_later',
  network_decline_code: '61',
  network_advice_code: '02'
}

export const FRAUDULENT: CardRefusal = {
  code: 'card_declined',
  decline_code: 'fraudulent',
  message: 'Your card was declined.'
}

export const AUTHENTICATION_REQUIRED: CardRefusal = {
  code: 'authentication_required',
  decline_code: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.'
}

/** The account blocks cards with a wrong CVC. The bank approved, so there is no network code. */
export const CVC_BLOCKED: CardRefusal = {
  code: 'incorrect_cvc',
  message: "Your card's security code is incorrect.",
  param: 'cvc'
}

/** The account blocks cards with a wrong postal code. The param is the wire's old name for it. */
export const POSTAL_CODE_BLOCKED: CardRefusal = {
  code: 'incorrect_zip',
  message:
    'Your card could not be authorized using the postal code provided. Please update the postal code, or contact your card issuer for further details.',
  param: 'address_zip'
}

export const NOT_A_TEST_CARD: CardRefusal = {
  code: 'card_declined',
  decline_code: 'test_mode_live_card',
  message:
    'Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, visit: https://stripe.com/docs/testing.'
}

/** The first sentence is the wire's; the second is ours. */
export const RAW_NUMBER_IN_LIVE_MODE: CardRefusal = {
  code: undefined,
  message:
    'Sending credit card numbers directly to the Stripe API is generally unsafe. In live mode this server takes them only when its host has passed it a CardProcessor of its own.'
}
