import { parameterMissing } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import { bankAccountToMint } from '../payment-methods/new-payment-method'
import type { NewPaymentMethod } from '../payment-methods/draft'
import { type BankAccountDetails, BankAccountRefused } from '../../processor/bank-account'
import { processorContext } from '../../processor/context'
import { refuseUnsupported } from '../../protocol/errors/unsupported'
import { noBankAccounts, notInTheUnitedStates } from './errors'
import type { TokenBankAccountParams } from './schema'

/**
 * What the processor tells of a bank account. The number goes there and nowhere else; throws the wire's error for an
 * account that is not in the United States, or that the processor does not take.
 */
export async function bankAccountToKeep(call: Call, bank: TokenBankAccountParams): Promise<NewPaymentMethod> {
  refuseUnsupported(bank, ['payment_method'], 'bank_account')
  const { account_holder_name: name, account_holder_type, account_number, account_type } = bank
  if (bank.country.toUpperCase() !== 'US') throw notInTheUnitedStates('country', bank.country)
  if ((bank.currency ?? 'usd').toLowerCase() !== 'usd') throw notInTheUnitedStates('currency', bank.currency)
  if (account_type === 'futsu' || account_type === 'toza')
    throw notInTheUnitedStates('account_type', account_type)
  const { routing_number } = bank
  if (routing_number === undefined) throw parameterMissing('bank_account[routing_number]')

  const made = await tokenized(call, {
    type: 'us_bank_account',
    account_holder_type,
    account_number,
    account_type,
    routing_number,
    name
  })
  return { ...made, billing_details: { ...(name !== undefined && { name }) } }
}

async function tokenized(call: Call, account: BankAccountDetails): Promise<NewPaymentMethod> {
  const asked = call.vault.processor.tokenizeBankAccount?.(
    account,
    processorContext(call, 'tokenizeBankAccount')
  )
  const made = await asked?.catch((error: unknown) => {
    throw error instanceof BankAccountRefused ? inTheseWords(error) : error
  })
  if (!made) throw noBankAccounts()
  if (made.type !== account.type) throw new Error('The processor gave a bank account of another type')
  return bankAccountToMint(made)
}

/** The parameters of a payment method stand in another hash than those of a token. */
function inTheseWords({ fields }: BankAccountRefused): BankAccountRefused {
  const { code, message, param } = fields as ConstructorParameters<typeof BankAccountRefused>[0]
  const here = param.replace(/^us_bank_account\b/, 'bank_account')
  return new BankAccountRefused({ code, message, param: here === 'type' ? 'bank_account' : here })
}
