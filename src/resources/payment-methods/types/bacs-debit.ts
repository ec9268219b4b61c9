import { Type } from '@sinclair/typebox'
import { component, Hash } from '../../../../plugins/params/schema'
import { named, nullable, Text } from '../../../protocol/schemas'
import { accountNumber, bankAccountType, fingerprint, last4, required } from './bank-account-type'

export const bacsDebit = bankAccountType<'bacs_debit'>()({
  params: Hash(
    {
      account_number: Type.Optional(accountNumber),
      sort_code: Type.Optional(Text(5000, { description: 'The number of bank and branch, six digits.' }))
    },
    {
      ...component('bacs_debit_params'),
      description: 'A bank account in the United Kingdom: both are required.'
    }
  ),
  shown: Type.Object(
    {
      fingerprint,
      last4,
      sort_code: nullable('string', { description: 'The number of bank and branch, six digits.' })
    },
    {
      ...named('payment_method_bacs_debit'),
      description: 'What may be shown of a bank account in the United Kingdom.'
    }
  ),
  stored: ['fingerprint', 'last4', 'sort_code'],
  detailsOf: (given, { name }) => {
    const { account_number, sort_code } = required('bacs_debit', given)
    return {
      type: 'bacs_debit',
      account_number: required('bacs_debit[account_number]', account_number),
      sort_code: required('bacs_debit[sort_code]', sort_code),
      name
    }
  }
})
