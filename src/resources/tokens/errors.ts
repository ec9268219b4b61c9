import { abbreviated } from '../../../plugins/params/parameter-errors'
import { noSuch } from '../../protocol/errors/no-such'
import { because, documents, either, refusal } from '../../protocol/errors/refusal'
import type { BankAccountRefusal } from '../../processor/bank-account'
import { findToken } from './store'

export const noSuchToken = noSuch('token', findToken, { param: 'token' })

export const alreadyUsed = refusal({
  executed: true,
  code: 'token_already_used',
  message: (id: string) => `You cannot use a Stripe token more than once: ${id}.`
})

export const notOfACard = refusal({
  param: 'token',
  message: (id: string) => `The token ${id} is of a bank account: a card can't be made of it.`
})

export const bothGiven = refusal({
  code: 'parameters_exclusive',
  param: 'bank_account',
  message: 'You may only specify one of these parameters: card, bank_account.',
  why: 'both `card` and `bank_account`'
})

export const neitherGiven = refusal({
  message: 'You must supply either a card or a bank account to create a token.',
  why: 'neither of them'
})

export const savedCard = refusal({
  param: 'card',
  message:
    "This vault makes tokens of cards as they are typed, in a hash with number, exp_month and exp_year: 'card' can't be a string."
})

export const notInTheUnitedStates = refusal({
  param: (...[name]: [name: string, value: string | undefined]) => `bank_account[${name}]`,
  message: (_name: string, value: string | undefined) =>
    `This vault makes tokens of bank accounts in the United States, in US dollars: '${abbreviated(value ?? '')}' is not supported.`
})

export const noBankAccounts = refusal({
  param: 'bank_account',
  message: 'The processor of this vault takes no bank accounts.'
})

/** What `BankAccountRefused` makes of the processor's answer, and what is refused before it is asked. */
export const badBankAccount = either(
  documents({
    status: 400,
    codes: [
      'routing_number_invalid',
      'account_number_invalid',
      'bank_account_unusable'
    ] satisfies BankAccountRefusal['code'][],
    why: 'the bank account can not be right'
  }),
  because('it is not in the United States, or the processor takes none', notInTheUnitedStates, noBankAccounts)
)
