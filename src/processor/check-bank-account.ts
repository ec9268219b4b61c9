import type { BankAccountDetails, BankAccountRefusal } from './bank-account'
import { BankAccountRefused } from './bank-account'

type Typed<T extends BankAccountDetails['type']> = Extract<BankAccountDetails, { type: T }>

// Each function returns its scheme's numbers without spaces and dashes, or throws the 400 of the first
// invalid number. An account number must be longer than the four digits that are shown of it.

export function checkAcssDebit(account: Typed<'acss_debit'>) {
  return {
    institution_number: digits('acss_debit[institution_number]', account.institution_number, 3),
    transit_number: digits('acss_debit[transit_number]', account.transit_number, 5),
    account_number: digits('acss_debit[account_number]', account.account_number, 7, 12)
  }
}

export function checkAuBecsDebit(account: Typed<'au_becs_debit'>) {
  return {
    bsb_number: digits('au_becs_debit[bsb_number]', account.bsb_number, 6),
    account_number: digits('au_becs_debit[account_number]', account.account_number, 5, 9)
  }
}

export function checkBacsDebit(account: Typed<'bacs_debit'>) {
  return {
    sort_code: digits('bacs_debit[sort_code]', account.sort_code, 6),
    account_number: digits('bacs_debit[account_number]', account.account_number, 8)
  }
}

export function checkUsBankAccount(account: Typed<'us_bank_account'>) {
  const param = 'us_bank_account[routing_number]'
  const routing_number = digits(param, account.routing_number, 9)
  // The check digit of the American Bankers Association: weights 3, 7, 1 over all nine digits.
  const sum = Array.from(routing_number).reduce(
    (all, digit, at) => all + Number(digit) * ([3, 7, 1][at % 3] ?? 0),
    0
  )
  if (sum % 10 !== 0) throw refused(param, 'The routing number is not valid: its check digit does not fit.')
  return {
    routing_number,
    account_number: digits('us_bank_account[account_number]', account.account_number, 5, 17)
  }
}

/**
 * Returns the IBAN in capital letters without spaces, with its bank and branch. Throws the 400 of an invalid
 * one.
 */
export async function checkSepaDebit(account: Typed<'sepa_debit'>) {
  const param = 'sepa_debit[iban]'
  // Its types declare an ECMAScript module, which CommonJS can import only in this way.
  const { electronicFormatIBAN, extractIBAN, isSEPACountry, validateIBAN, ValidationErrorsIBAN } =
    await import('ibantools')
  const iban = electronicFormatIBAN(account.iban) ?? ''
  // Skip a country's own check inside the IBAN: some published test numbers fail it.
  const national = ValidationErrorsIBAN.WrongAccountBankBranchChecksum
  const { errorCodes } = validateIBAN(iban)
  if (errorCodes.some((code) => code !== national)) throw refused(param, 'The IBAN is not valid.')
  const country = iban.slice(0, 2)
  if (!isSEPACountry(country)) throw refused(param, 'The IBAN is of a country outside SEPA.')
  const { bankIdentifier = null, branchIdentifier = null } = extractIBAN(iban)
  return { iban, bank_code: bankIdentifier, branch_code: branchIdentifier, country }
}

/** Returns the digits without spaces and dashes. Throws the 400 that names the parameter. */
function digits(param: string, typed: string, least: number, most = least): string {
  const plain = typed.replace(/[\s-]/g, '')
  if (/^\d+$/.test(plain) && plain.length >= least && plain.length <= most) return plain
  const name = param
    .slice(param.indexOf('[') + 1, -1)
    .replaceAll('_', ' ')
    .replace('bsb', 'BSB')
  const wanted = least === most ? `${least}` : `${least} to ${most}`
  throw refused(param, `The ${name} is not valid: it must have ${wanted} digits.`)
}

const refused = (param: string, message: string): BankAccountRefused => {
  const ofAccount = param.endsWith('[account_number]') || param.endsWith('[iban]')
  const code: BankAccountRefusal['code'] = ofAccount ? 'account_number_invalid' : 'routing_number_invalid'
  return new BankAccountRefused({ code, param, message })
}
