import { type Static, Type } from '@sinclair/typebox'
import { Clearable, Hash, OneOf } from '../../plugins/schema'
import { otherTypes, bankAccountTypes } from '../payment-methods/types'
import { refusedParams } from '../wire/schemas'
import { unsupported } from '../wire/unsupported'
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
  request_three_d_secure: Type.Optional(
    OneOf(['any', 'automatic', 'challenge'], {
      description: 'Only `automatic`: the processor knows when it is needed.'
    })
  ),
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
  { description: 'What is said of one way to pay alone.' }
)

/** What is said of cards after an update. Throws where it is said of another type, or is nothing that can be done here. */
export function mergedCardOptions(
  old: CardOptions,
  params: Static<typeof PaymentMethodOptions> | undefined
): CardOptions {
  if (!params) return old
  refuse('payment_method_options', params, unsupportedTypes)
  const { card } = params
  if (card === undefined) return old
  if (card === null) return {}
  refuse('payment_method_options[card]', card, unsupportedOptions)
  if ((card.request_three_d_secure ?? 'automatic') !== 'automatic') {
    throw unsupported('payment_method_options[card][request_three_d_secure]')
  }
  const { capture_method = old.capture_method, setup_future_usage = old.setup_future_usage } = card
  return {
    ...(capture_method != null && { capture_method }),
    ...(setup_future_usage != null && { setup_future_usage })
  }
}

function refuse(param: string, hash: object, names: readonly string[]): void {
  const given = names.find((name) => Object.hasOwn(hash, name))
  if (given !== undefined) throw unsupported(`${param}[${given}]`)
}
