import { Type } from '@sinclair/typebox'
import { component, Hash } from '../../../../plugins/params/schema'
import { named, nullable, Text } from '../../../protocol/schemas'
import { accountNumber, bankAccountType, fingerprint, last4, required } from './bank-account-type'

export const auBecsDebit = bankAccountType<'au_becs_debit'>()({
  params: Hash(
    {
      account_number: accountNumber,
      bsb_number: Text(5000, { description: 'The number of bank, state and branch, six digits.' })
    },
    { ...component('au_becs_debit_params'), description: 'A bank account in Australia.' }
  ),
  shown: Type.Object(
    {
      bsb_number: nullable('string', { description: 'The number of bank, state and branch, six digits.' }),
      fingerprint,
      last4
    },
    {
      ...named('payment_method_au_becs_debit'),
      description: 'What may be shown of a bank account in Australia.'
    }
  ),
  stored: ['bsb_number', 'fingerprint', 'last4'],
  detailsOf: (given, { name }) => ({ type: 'au_becs_debit', ...required('au_becs_debit', given), name })
})
