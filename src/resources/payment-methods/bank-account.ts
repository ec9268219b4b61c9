import { parameterMissing, parameterUnknown } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import type { BankAccountDetails, BankAccountType } from '../../processor/bank-account'
import { processorContext } from '../../processor/context'
import { unsupported } from '../../protocol/errors/unsupported'
import type { NewBankAccounts } from './bank-account-schema'
import { notSavedHere } from './errors'
import { bankAccountToMint } from './new-payment-method'
import type { NewPaymentMethod } from './draft'
import type { BillingDetails } from './store'

/** A bank account as it was given, with nothing missing; throws the wire's error where something is. */
export function bankAccountOf(
  type: BankAccountType,
  given: NewBankAccounts,
  { email, name }: BillingDetails
): BankAccountDetails {
  switch (type) {
    case 'acss_debit':
      return { type, ...required(type, given[type]), name }
    case 'au_becs_debit':
      return { type, ...required(type, given[type]), name }
    case 'bacs_debit': {
      const { account_number, sort_code } = required(type, given[type])
      return {
        type,
        account_number: required('bacs_debit[account_number]', account_number),
        sort_code: required('bacs_debit[sort_code]', sort_code),
        name
      }
    }
    case 'link': {
      // A form can't send an empty hash, so there may be none.
      const [unknown] = Object.keys(given[type] ?? {})
      if (unknown !== undefined) throw parameterUnknown([`link[${unknown}]`])
      return { type, email }
    }
    case 'sepa_debit':
      return { type, ...required(type, given[type]), name }
    case 'us_bank_account':
      return usBankAccountOf(required(type, given[type]), name)
  }
}

function usBankAccountOf(
  given: NonNullable<NewBankAccounts['us_bank_account']>,
  name: string | undefined
): BankAccountDetails {
  const { account_holder_type, account_number, account_type, routing_number } = given
  if (given.financial_connections_account !== undefined) {
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

/** Hands the account to the processor; throws the wire's error where that takes none of this type. */
export async function tokenizedAccount(call: Call, account: BankAccountDetails): Promise<NewPaymentMethod> {
  const tokenized = await call.vault.processor.tokenizeBankAccount?.(account, processorContext(call))
  if (!tokenized) throw notSavedHere(account.type)
  if (tokenized.type !== account.type) throw new Error('The processor gave a bank account of another type')
  return bankAccountToMint(tokenized)
}

function required<T>(param: string, value: T | undefined): T {
  if (value === undefined) throw parameterMissing(param)
  return value
}
