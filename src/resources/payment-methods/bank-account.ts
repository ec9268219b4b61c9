import type { Call } from '../call'
import type { BankAccountDetails } from '../../processor/bank-account'
import { processorContext } from '../../processor/context'
import { notSavedHere } from './errors'
import { bankAccountToMint } from './new-payment-method'
import type { NewPaymentMethod } from './draft'

/** Hands the account to the processor; throws the wire's error where that takes none of this type. */
export async function tokenizedAccount(call: Call, account: BankAccountDetails): Promise<NewPaymentMethod> {
  const tokenized = await call.vault.processor.tokenizeBankAccount?.(
    account,
    processorContext(call, 'tokenizeBankAccount')
  )
  if (!tokenized) throw notSavedHere(account.type)
  if (tokenized.type !== account.type) throw new Error('The processor gave a bank account of another type')
  return bankAccountToMint(tokenized)
}
