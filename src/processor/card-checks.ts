/** The results of checks; null where no value was sent to check. */
export interface CardChecks {
  address_line1_check: CheckOutcome | null
  address_postal_code_check: CheckOutcome | null
  cvc_check: CheckOutcome | null
}

export type CheckOutcome = 'pass' | 'fail' | 'unavailable' | 'unchecked'
