import { Type } from '@sinclair/typebox'
import { component, Hash } from '../../../../plugins/params/schema'
import { named, nullable, Text } from '../../../protocol/schemas'
import { accountNumber, bankAccountType, bankName, fingerprint, last4, required } from './bank-account-type'

export const acssDebit = bankAccountType<'acss_debit'>()({
  params: Hash(
    {
      account_number: accountNumber,
      institution_number: Text(5000, { description: "The bank's number, three digits." }),
      transit_number: Text(5000, { description: "The branch's number, five digits." })
    },
    { ...component('acss_debit_params'), description: 'A bank account in Canada.' }
  ),
  shown: Type.Object(
    {
      bank_name: bankName,
      fingerprint,
      institution_number: nullable('string', { description: "The bank's number, three digits." }),
      last4,
      transit_number: nullable('string', { description: "The branch's number, five digits." })
    },
    { ...named('payment_method_acss_debit'), description: 'What may be shown of a bank account in Canada.' }
  ),
  stored: ['bank_name', 'fingerprint', 'institution_number', 'last4', 'transit_number'],
  detailsOf: (given, { name }) => ({ type: 'acss_debit', ...required('acss_debit', given), name })
})
