import { Type } from '@sinclair/typebox'
import { component, Hash } from '../../../../plugins/params/schema'
import { alwaysNull, named, nullable } from '../../../protocol/schemas'
import { bankAccountType, fingerprint, number, required } from './bank-account-type'

export const sepaDebit = bankAccountType<'sepa_debit'>()({
  params: Hash(
    { iban: number('The IBAN') },
    { ...component('sepa_debit_params'), description: 'A bank account in the Single Euro Payments Area.' }
  ),
  shown: Type.Object(
    {
      bank_code: nullable('string', { description: "The bank's number, as the IBAN has it." }),
      branch_code: nullable('string', { description: "The branch's number, where the IBAN has one." }),
      country: nullable('string', {
        description: 'Where the account is, as ISO 3166-1 has it in two letters.'
      }),
      fingerprint,
      generated_from: Type.Object(
        { charge: alwaysNull('string'), setup_attempt: alwaysNull('string') },
        { description: 'What it was made from, were it not typed in.' }
      ),
      last4: nullable('string', { description: 'The last four characters of the IBAN.' })
    },
    {
      ...named('payment_method_sepa_debit'),
      description: 'What may be shown of a bank account in the Single Euro Payments Area.'
    }
  ),
  stored: ['bank_code', 'branch_code', 'country', 'fingerprint', 'last4'],
  constant: { generated_from: { charge: null, setup_attempt: null } },
  detailsOf: (given, { name }) => ({ type: 'sepa_debit', ...required('sepa_debit', given), name })
})
