import type { BankAccountDetails, TokenizedBankAccount } from '../bank-account'
import { BankAccountRefused } from '../bank-account'
import type { ProcessorContext } from '../context'
import {
  checkAcssDebit,
  checkAuBecsDebit,
  checkBacsDebit,
  checkSepaDebit,
  checkUsBankAccount
} from '../check-bank-account'
import { fingerprint } from '../fingerprint'

const TEST_BANK = 'STRIPE TEST BANK'

/**
 * Returns the token of a bank account in test mode. Accepts every account whose numbers are valid for their
 * scheme. Only the bank of the published test numbers has a name. Throws in live mode.
 */
export async function tokenizeTestBankAccount(
  account: BankAccountDetails,
  { account: owner, livemode }: ProcessorContext,
  fingerprintKey: Buffer | string
): Promise<TokenizedBankAccount> {
  if (livemode) throw new BankAccountRefused(BANK_ACCOUNT_IN_LIVE_MODE)

  const numbered = (...parts: string[]) => {
    const print = fingerprint(fingerprintKey, owner, [account.type, ...parts].join(' '))
    const last4 = parts.at(-1)?.slice(-4) ?? null
    return { token: `${account.type}_${print}`, fingerprint: print, last4 }
  }

  switch (account.type) {
    case 'acss_debit': {
      const { type } = account
      const { account_number, institution_number, transit_number } = checkAcssDebit(account)
      const bank_name = institution_number === '000' && transit_number === '11000' ? TEST_BANK : null
      const shown = numbered(institution_number, transit_number, account_number)
      return { type, bank_name, institution_number, transit_number, ...shown }
    }
    case 'au_becs_debit': {
      const { account_number, bsb_number } = checkAuBecsDebit(account)
      return { type: account.type, bsb_number, ...numbered(bsb_number, account_number) }
    }
    case 'bacs_debit': {
      const { account_number, sort_code } = checkBacsDebit(account)
      return { type: account.type, sort_code, ...numbered(sort_code, account_number) }
    }
    case 'link':
      return { type: account.type, token: account.type, email: account.email ?? null }
    case 'sepa_debit': {
      const { iban, ...bank } = await checkSepaDebit(account)
      return { type: account.type, ...bank, ...numbered(iban) }
    }
    case 'us_bank_account': {
      const { account_number, routing_number } = checkUsBankAccount(account)
      return {
        type: account.type,
        account_holder_type: account.account_holder_type ?? null,
        account_type: account.account_type ?? 'checking',
        bank_name: routing_number === '110000000' ? TEST_BANK : null,
        networks: { preferred: 'ach', supported: ['ach'] },
        routing_number,
        ...numbered(routing_number, account_number)
      }
    }
  }
}

const BANK_ACCOUNT_IN_LIVE_MODE = {
  message:
    'In live mode this server takes bank accounts only when its host has passed it a CardProcessor of its own that tokenizes them.',
  param: 'type'
}
