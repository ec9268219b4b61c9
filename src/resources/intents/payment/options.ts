import { type Static, Type } from '@sinclair/typebox'
import { Clearable, component, Hash, OneOf } from '../../../../plugins/params/schema'
import { RequestThreeDSecure, refuseThreeDSecure } from '../card-options'
import { otherTypes, bankAccountTypes } from '../../payment-methods/types/index'
import { refusedParams } from '../../../protocol/schemas'
import { refuseUnsupported } from '../../../protocol/errors/unsupported'
import type { CardOptions } from './store'

const unsupportedOptions = [
  'cvc_token',
  'installments',
  'mandate_options',
  'moto',
  'network',
  'request_extended_authorization',
  'request_incremental_authorization',
  'request_multicapture',
  'request_overcapture',
  'require_cvc_recollection',
  'statement_descriptor_suffix_kana',
  'statement_descriptor_suffix_kanji',
  'three_d_secure'
]

const Card = Hash({
  ...refusedParams(unsupportedOptions),
  capture_method: Type.Optional(
    Clearable(OneOf(['manual']), { description: 'In place of the other one; an empty string unsets it.' })
  ),
  request_three_d_secure: RequestThreeDSecure,
  setup_future_usage: Type.Optional(
    Clearable(OneOf(['none', 'off_session', 'on_session']), {
      description: 'In place of the other one; an empty string unsets it.'
    })
  )
})

const unsupportedTypes = ['card_present', 'interac_present', ...bankAccountTypes, ...otherTypes]

export const PaymentMethodOptions = Hash(
  {
    ...refusedParams(unsupportedTypes),
    card: Type.Optional(Clearable(Card, { description: 'What is said of cards alone.' }))
  },
  { ...component('payment_intent_options_params'), description: 'What is said of one way to pay alone.' }
)

/** What is said of cards after an update. Throws where it is said of another type, or is nothing that can be done here. */
export function mergedCardOptions(
  old: CardOptions,
  params: Static<typeof PaymentMethodOptions> | undefined
): CardOptions {
  if (!params) return old
  refuseUnsupported(params, unsupportedTypes, 'payment_method_options')
  const { card } = params
  if (card === undefined) return old
  if (card === null) return {}
  refuseUnsupported(card, unsupportedOptions, 'payment_method_options[card]')
  refuseThreeDSecure(card)
  const { capture_method = old.capture_method, setup_future_usage = old.setup_future_usage } = card
  return {
    ...(capture_method != null && { capture_method }),
    ...(setup_future_usage != null && { setup_future_usage })
  }
}
