import { Type } from '@sinclair/typebox'
import { component, Hash, OneOf } from '../../../plugins/params/schema'
import { bankAccountTypes, otherTypes } from '../payment-methods/types/index'
import { refusedParams } from '../../protocol/schemas'
import { refuseUnsupported, unsupported } from '../../protocol/errors/unsupported'

const unsupportedTypes = ['card_present', 'interac_present', ...bankAccountTypes, ...otherTypes]
const unsupportedOfCards = ['mandate_options', 'moto', 'network', 'three_d_secure']

/** What is said of cards about their authentication. */
export const RequestThreeDSecure = Type.Optional(
  OneOf(['any', 'automatic', 'challenge'], {
    description: 'Only `automatic`: the processor knows when it is needed.'
  })
)

/** Throws for what the processor can't be told. */
export function refuseThreeDSecure({
  request_three_d_secure: wanted
}: {
  request_three_d_secure?: string
}): void {
  if (wanted === undefined || wanted === 'automatic') return
  throw unsupported('payment_method_options[card][request_three_d_secure]')
}

/** `payment_method_options` of a setup intent: the processor knows itself when a card needs authentication. */
export const SetupOptions = Hash(
  {
    ...refusedParams(unsupportedTypes),
    card: Type.Optional(
      Hash(
        {
          ...refusedParams(unsupportedOfCards),
          request_three_d_secure: RequestThreeDSecure
        },
        { description: 'What is said of cards alone.' }
      )
    )
  },
  { ...component('setup_intent_options_params'), description: 'What is said of one type alone.' }
)

/** Throws for what can't be done here, by its name. */
export function refuseOptions(options: { card?: { request_three_d_secure?: string } } | undefined): void {
  if (!options) return
  refuseUnsupported(options, unsupportedTypes, 'payment_method_options')
  const { card } = options
  if (!card) return
  refuseUnsupported(card, unsupportedOfCards, 'payment_method_options[card]')
  refuseThreeDSecure(card)
}
