import { type Static, Type } from '@sinclair/typebox'
import { component, Hash, OneOf, Secret } from '../../../plugins/params/schema'
import { Text } from '../../protocol/schemas'

const number = (what: string) =>
  Secret(Text(5000, { description: `${what}: it goes to the processor and is not kept.` }))

const accountNumber = number('The account number')

const holder = {
  account_holder_type: Type.Optional(
    OneOf(['company', 'individual'], { description: 'Whose account it is.' })
  ),
  account_type: Type.Optional(
    OneOf(['checking', 'savings'], { description: 'What kind of account it is; checking unless given.' })
  )
}

/** The hash of each type that is no card, when one is created. */
export const newBankAccounts = {
  acss_debit: Type.Optional(
    Hash(
      {
        account_number: accountNumber,
        institution_number: Text(5000, { description: "The bank's number, three digits." }),
        transit_number: Text(5000, { description: "The branch's number, five digits." })
      },
      { ...component('acss_debit_params'), description: 'A bank account in Canada.' }
    )
  ),
  au_becs_debit: Type.Optional(
    Hash(
      {
        account_number: accountNumber,
        bsb_number: Text(5000, { description: 'The number of bank, state and branch, six digits.' })
      },
      { ...component('au_becs_debit_params'), description: 'A bank account in Australia.' }
    )
  ),
  bacs_debit: Type.Optional(
    Hash(
      {
        account_number: Type.Optional(accountNumber),
        sort_code: Type.Optional(Text(5000, { description: 'The number of bank and branch, six digits.' }))
      },
      {
        ...component('bacs_debit_params'),
        description: 'A bank account in the United Kingdom: both are required.'
      }
    )
  ),
  link: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'An account at Link. It has no keys: `billing_details[email]` names the account.'
    })
  ),
  sepa_debit: Type.Optional(
    Hash(
      { iban: number('The IBAN') },
      { ...component('sepa_debit_params'), description: 'A bank account in the Single Euro Payments Area.' }
    )
  ),
  us_bank_account: Type.Optional(
    Hash(
      {
        ...holder,
        account_number: Type.Optional(accountNumber),
        financial_connections_account: Type.Optional(
          Text(5000, { description: 'Nothing in this vault stands behind it: it is refused.' })
        ),
        routing_number: Type.Optional(
          Text(5000, { description: "The bank's number for direct debits, nine digits." })
        )
      },
      {
        ...component('us_bank_account_params'),
        description: 'A bank account in the United States: both numbers are required.'
      }
    )
  )
}

export type NewBankAccounts = {
  [T in keyof typeof newBankAccounts]?: Static<(typeof newBankAccounts)[T]>
}

/** What may change about a bank account in the United States. */
export const UsBankAccountUpdate = Hash(holder, { description: 'What changed about the bank account.' })
