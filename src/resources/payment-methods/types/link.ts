import { Type } from '@sinclair/typebox'
import { parameterUnknown } from '../../../../plugins/errors/errors'
import { named, nullable } from '../../../protocol/schemas'
import { bankAccountType } from './bank-account-type'

export const link = bankAccountType<'link'>()({
  params: Type.Record(Type.String(), Type.Unknown(), {
    description: 'An account at Link. It has no keys: `billing_details[email]` names the account.'
  }),
  shown: Type.Object(
    { email: nullable('string', { description: 'Whose account it is.' }) },
    { ...named('payment_method_link'), description: 'What may be shown of an account at Link.' }
  ),
  stored: ['email'],
  detailsOf: (given, { email }) => {
    // A form can't send an empty hash, so there may be none.
    const [unknown] = Object.keys(given ?? {})
    if (unknown !== undefined) throw parameterUnknown([`link[${unknown}]`])
    return { type: 'link', email }
  }
})
