import { Type } from '@sinclair/typebox'
import { Hash, OneOf } from '../../plugins/schema'
import { bankAccountTypes, otherTypes } from '../payment-methods/types'
import { refusedParams } from '../wire/schemas'
import { unsupported } from '../wire/unsupported'

const unsupportedTypes = ['card_present', 'interac_present', ...bankAccountTypes, ...otherTypes]
const unsupportedOfCards = ['mandate_options', 'moto', 'network', 'three_d_secure']

/** `payment_method_options` of a setup intent: the processor knows itself when a card needs authentication. */
export const SetupOptions = Hash(
  {
    ...refusedParams(unsupportedTypes),
    card: Type.Optional(
      Hash(
        {
          ...refusedParams(unsupportedOfCards),
          request_three_d_secure: Type.Optional(
            OneOf(['any', 'automatic', 'challenge'], {
              description: 'Only `automatic`: the processor knows when it is needed.'
            })
          )
        },
        { description: 'What is said of cards alone.' }
      )
    )
  },
  { description: 'What is said of one type alone.' }
)

/** Throws for what can't be done here, by its name. */
export function refuseOptions(options: { card?: { request_three_d_secure?: string } } | undefined): void {
  if (!options) return
  refuse('payment_method_options', options, unsupportedTypes)
  const { card } = options
  if (!card) return
  refuse('payment_method_options[card]', card, unsupportedOfCards)
  if ((card.request_three_d_secure ?? 'automatic') !== 'automatic') {
    throw unsupported('payment_method_options[card][request_three_d_secure]')
  }
}

function refuse(param: string, hash: object, names: readonly string[]): void {
  const given = names.find((name) => Object.hasOwn(hash, name))
  if (given !== undefined) throw unsupported(`${param}[${given}]`)
}
