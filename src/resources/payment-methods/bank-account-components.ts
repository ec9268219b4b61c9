import { Type } from '@sinclair/typebox'
import { alwaysNull, named, nullable, nullableHash } from '../../protocol/schemas'

const fingerprint = Type.Optional(
  nullable('string', {
    description: 'The same for the same number within an account; not shown to publishable keys.'
  })
)
const last4 = nullable('string', { description: 'The last four digits of the account number.' })
const bankName = nullable('string', { description: "The bank's name, where it is known." })

const AcssDebitShown = Type.Object(
  {
    bank_name: bankName,
    fingerprint,
    institution_number: nullable('string', { description: "The bank's number, three digits." }),
    last4,
    transit_number: nullable('string', { description: "The branch's number, five digits." })
  },
  { ...named('payment_method_acss_debit'), description: 'What may be shown of a bank account in Canada.' }
)

const AuBecsDebitShown = Type.Object(
  {
    bsb_number: nullable('string', { description: 'The number of bank, state and branch, six digits.' }),
    fingerprint,
    last4
  },
  {
    ...named('payment_method_au_becs_debit'),
    description: 'What may be shown of a bank account in Australia.'
  }
)

const BacsDebitShown = Type.Object(
  {
    fingerprint,
    last4,
    sort_code: nullable('string', { description: 'The number of bank and branch, six digits.' })
  },
  {
    ...named('payment_method_bacs_debit'),
    description: 'What may be shown of a bank account in the United Kingdom.'
  }
)

const LinkShown = Type.Object(
  { email: nullable('string', { description: 'Whose account it is.' }) },
  { ...named('payment_method_link'), description: 'What may be shown of an account at Link.' }
)

const SepaDebitShown = Type.Object(
  {
    bank_code: nullable('string', { description: "The bank's number, as the IBAN has it." }),
    branch_code: nullable('string', { description: "The branch's number, where the IBAN has one." }),
    country: nullable('string', {
      description: 'Where the account is, as ISO 3166-1 has it in two letters.'
    }),
    fingerprint,
    generated_from: Type.Object(
      {
        charge: alwaysNull('string'),
        setup_attempt: alwaysNull('string')
      },
      { description: 'What it was made from, were it not typed in.' }
    ),
    last4: nullable('string', { description: 'The last four characters of the IBAN.' })
  },
  {
    ...named('payment_method_sepa_debit'),
    description: 'What may be shown of a bank account in the Single Euro Payments Area.'
  }
)

const UsBankAccountShown = Type.Object(
  {
    account_holder_type: nullable('string', {
      enum: ['company', 'individual', null],
      description: 'Whose account it is.'
    }),
    account_type: nullable('string', {
      enum: ['checking', 'savings', null],
      description: 'What kind of account it is.'
    }),
    bank_name: bankName,
    financial_connections_account: alwaysNull('string'),
    fingerprint,
    last4,
    networks: nullableHash(
      {
        preferred: nullable('string', { description: 'The one that is used unless another is asked for.' }),
        supported: Type.Array(Type.String(), { description: 'ach, us_domestic_wire or both.' })
      },
      { description: 'The networks that reach the account.' }
    ),
    routing_number: nullable('string', { description: "The bank's number, nine digits." }),
    status_details: Type.Object({}, { description: 'Empty here: no account is known to be blocked.' })
  },
  {
    ...named('payment_method_us_bank_account'),
    description: 'What may be shown of a bank account in the United States.'
  }
)

/** The component of each type's hash, under the name of the type. */
export const bankAccountsShown = {
  acss_debit: AcssDebitShown,
  au_becs_debit: AuBecsDebitShown,
  bacs_debit: BacsDebitShown,
  link: LinkShown,
  sepa_debit: SepaDebitShown,
  us_bank_account: UsBankAccountShown
}
