import { type Static, Type } from '@sinclair/typebox'
import { Hash, OneOf, Secret } from '../../../plugins/params/schema'
import { PreferredNetwork } from '../payment-methods/schema'
import type { Given } from '../../protocol/resource/operation'
import { ExpandParam, refusedParams, Text } from '../../protocol/schemas'

export const TokenPath = Hash({
  token: Text(5000, { description: "The token's id.", examples: ['tok_1VkQ2gLkdIwHu7ixE9rMx5Vk'] })
})

const optional = (description: string) => Type.Optional(Text(5000, { description }))
const secret = (what: string) =>
  Secret(Text(5000, { description: `${what}: it goes to the processor and is not kept.` }))

const Card = Hash(
  {
    address_city: optional('City, town or village.'),
    address_country: optional("The holder's country."),
    address_line1: optional('Street and number, or a post box.'),
    address_line2: optional('Apartment, floor or building.'),
    address_state: optional('State, province or county.'),
    address_zip: optional('Postal code.'),
    ...refusedParams(['currency']),
    cvc: Type.Optional(secret('The security code')),
    exp_month: Text(5000, { description: 'The last month in which the card is good, 1 to 12.' }),
    exp_year: Text(5000, { description: 'The year of that month: four digits, or two.' }),
    name: optional("The holder's full name, as on the card."),
    networks: Type.Optional(
      Hash({ preferred: Type.Optional(PreferredNetwork) }, { description: 'For a card of two networks.' })
    ),
    number: secret('The number')
  },
  { description: 'The card, as it is typed.' }
)
export type TokenCardParams = Static<typeof Card>

const BankAccount = Hash(
  {
    account_holder_name: optional('Whose account it is.'),
    account_holder_type: Type.Optional(
      OneOf(['company', 'individual'], { description: 'Whether that is a company or a person.' })
    ),
    account_number: secret('The account number'),
    account_type: Type.Optional(
      OneOf(['checking', 'futsu', 'savings', 'toza'], {
        description: 'What kind of account it is. Those of Japan, `futsu` and `toza`, are refused.'
      })
    ),
    country: Text(5000, { description: 'Where the account is: `US`, others are refused.' }),
    currency: optional('What it is held in: `usd`, others are refused.'),
    ...refusedParams(['payment_method']),
    routing_number: optional("Required: the bank's number, nine digits.")
  },
  { description: 'A bank account in the United States.' }
)
export type TokenBankAccountParams = Static<typeof BankAccount>

export const CreateTokenBody = Hash(
  {
    ...refusedParams(['account', 'customer', 'cvc_update', 'person', 'pii']),
    bank_account: Type.Optional(BankAccount),
    card: Type.Optional(
      Type.Union([Card, Secret(Text())], {
        description: 'The card, as it is typed. The id of one that was saved is refused.'
      })
    ),
    expand: ExpandParam
  },
  { examples: [{ card: { number: '4242424242424242', exp_month: '8', exp_year: '2033', cvc: '123' } }] }
)
export type CreateTokenParams = Given<undefined, typeof CreateTokenBody>
