import { Type } from '@sinclair/typebox'
import { component, Hash, OneOf } from '../../../../plugins/params/schema'
import { unsupported } from '../../../protocol/errors/unsupported'
import { alwaysNull, named, nullable, nullableHash, Text } from '../../../protocol/schemas'
import { accountNumber, bankAccountType, bankName, fingerprint, last4, required } from './bank-account-type'

const holder = {
  account_holder_type: Type.Optional(
    OneOf(['company', 'individual'], { description: 'Whose account it is.' })
  ),
  account_type: Type.Optional(
    OneOf(['checking', 'savings'], { description: 'What kind of account it is; checking unless given.' })
  )
}

/** What may change about a bank account in the United States. */
export const UsBankAccountUpdate = Hash(holder, { description: 'What changed about the bank account.' })

export const usBankAccount = bankAccountType<'us_bank_account'>()({
  params: Hash(
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
  ),
  shown: Type.Object(
    {
      account_holder_type: nullable('string', {
        enum: ['company', 'individual', null],
        description: 'Whose account it is.'
      }),
      account_type: nullable('string', {
        enum: ['checking', 'savings', null],
        description: 'What kind of account it is.'
      }),
      bank_name: bankName,
      financial_connections_account: alwaysNull('string'),
      fingerprint,
      last4,
      networks: nullableHash(
        {
          preferred: nullable('string', {
            description: 'The one that is used unless another is asked for.'
          }),
          supported: Type.Array(Type.String(), { description: 'ach, us_domestic_wire or both.' })
        },
        { description: 'The networks that reach the account.' }
      ),
      routing_number: nullable('string', { description: "The bank's number, nine digits." }),
      status_details: Type.Object({}, { description: 'Empty here: no account is known to be blocked.' })
    },
    {
      ...named('payment_method_us_bank_account'),
      description: 'What may be shown of a bank account in the United States.'
    }
  ),
  stored: [
    'account_holder_type',
    'account_type',
    'bank_name',
    'fingerprint',
    'last4',
    'networks',
    'routing_number'
  ],
  constant: { financial_connections_account: null, status_details: {} },
  detailsOf: (given, { name }) => {
    const {
      account_holder_type,
      account_number,
      account_type,
      financial_connections_account,
      routing_number
    } = required('us_bank_account', given)
    if (financial_connections_account !== undefined) {
      throw unsupported('us_bank_account[financial_connections_account]')
    }
    return {
      type: 'us_bank_account',
      account_holder_type,
      account_number: required('us_bank_account[account_number]', account_number),
      account_type,
      routing_number: required('us_bank_account[routing_number]', routing_number),
      name
    }
  }
})
