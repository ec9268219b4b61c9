import type { CardChecks } from '../processor/card-processor'

/** The three outcomes and nothing else that a host's object may have. */
export const storedChecks = (checks: CardChecks): CardChecks => ({
  address_line1_check: checks.address_line1_check,
  address_postal_code_check: checks.address_postal_code_check,
  cvc_check: checks.cvc_check
})
