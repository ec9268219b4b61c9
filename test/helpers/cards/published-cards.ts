/** One published test card: what it shows, and what attaching it to a customer leads to. */
export interface PublishedCard {
  number: string
  brand: string
  displayBrand: string
  country: string
  funding: string
  attach: string
  /** Outcomes other than `pass`, by the name of the check. */
  failing: Record<string, string>
  paymentMethod: string | undefined
  token: string | undefined
}

// number, brand, display brand, country, funding, at attach, checks that do not pass, has a token, name
const TABLE = `
  4242424242424242    visa       visa             US credit  ok          -                                    yes visa
  4000056655665556    visa       visa             US debit   ok          -                                    yes visa_debit
  5555555555554444    mastercard mastercard       US credit  ok          -                                    yes mastercard
  2223003122003222    mastercard mastercard       US credit  ok          -                                    no  -
  5200828282828210    mastercard mastercard       US debit   ok          -                                    yes mastercard_debit
  5105105105105100    mastercard mastercard       US prepaid ok          -                                    yes mastercard_prepaid
  378282246310005     amex       american_express US credit  ok          -                                    no  -
  371449635398431     amex       american_express US credit  ok          -                                    yes amex
  6011111111111117    discover   discover         US credit  ok          -                                    no  -
  6011000990139424    discover   discover         US credit  ok          -                                    yes discover
  6011981111111113    discover   discover         US debit   ok          -                                    no  -
  3056930009020004    diners     diners_club      US credit  ok          -                                    yes diners
  36227206271667      diners     diners_club      US credit  ok          -                                    no  -
  6555900000604105    discover   discover         US credit  ok          -                                    no  -
  3566002020360505    jcb        jcb              JP credit  ok          -                                    yes jcb
  6200000000000005    unionpay   union_pay        CN credit  ok          -                                    yes unionpay
  6200000000000047    unionpay   union_pay        CN debit   ok          -                                    no  -
  6205500000000000004 unionpay   union_pay        CN credit  ok          -                                    no  -
  4000000000000002    visa       visa             US credit  declines    -                                    yes visa_chargeDeclined
  4000000000009995    visa       visa             US credit  declines    -                                    yes visa_chargeDeclinedInsufficientFunds
  4000000000009987    visa       visa             US credit  declines    -                                    yes visa_chargeDeclinedLostCard
  4000000000009979    visa       visa             US credit  declines    -                                    yes visa_chargeDeclinedStolenCard
  4000000000000069    visa       visa             US credit  declines    -                                    yes chargeDeclinedExpiredCard
  4000000000000127    visa       visa             US credit  declines    -                                    yes chargeDeclinedIncorrectCvc
  4000000000000119    visa       visa             US credit  declines    -                                    yes chargeDeclinedProcessingError
  4000000000006975    visa       visa             US credit  declines    -                                    yes visa_chargeDeclinedVelocityLimitExceeded
  4242424242424241    visa       visa             US credit  never_made  -                                    no  -
  4000000000000341    visa       visa             US credit  ok          -                                    yes chargeCustomerFail
  4100000000000019    visa       visa             US credit  ok          -                                    yes radarBlock
  4000000000004954    visa       visa             US credit  ok          -                                    yes riskLevelHighest
  4000000000009235    visa       visa             US credit  ok          -                                    yes riskLevelElevated
  4000000000000101    visa       visa             US credit  cvc_rule    cvc=fail                             yes cvcCheckFail
  4000000000000036    visa       visa             US credit  postal_rule postal=fail                          yes avsZipFail
  4000000000000028    visa       visa             US credit  ok          line1=fail                           yes avsLine1Fail
  4000000000000010    visa       visa             US credit  postal_rule line1=fail,postal=fail               yes avsFail
  4000000000000044    visa       visa             US credit  ok          line1=unavailable,postal=unavailable yes avsUnchecked
  4000002500003155    visa       visa             FR credit  ok          -                                    no  authenticationRequiredOnSetup
  4000002760003184    visa       visa             DE credit  ok          -                                    no  authenticationRequired
  4000003800000446    visa       visa             IT credit  ok          -                                    no  authenticationRequiredSetupForOffSession
  4000008260003178    visa       visa             GB credit  ok          -                                    no  authenticationRequiredChargeDeclinedInsufficientFunds
  4000000000003220    visa       visa             US credit  ok          -                                    yes threeDSecure2Required
  4000008400001629    visa       visa             US credit  ok          -                                    yes threeDSecureRequiredChargeDeclined
  4000008400001280    visa       visa             US credit  ok          -                                    yes threeDSecureRequiredProcessingError
  4000000000003055    visa       visa             US credit  ok          -                                    yes threeDSecureOptional
  4000000000003097    visa       visa             US credit  ok          -                                    yes threeDSecureOptionalProcessingError
  4000000000000077    visa       visa             US credit  ok          -                                    yes bypassPending
  4000000000000259    visa       visa             US credit  ok          -                                    yes createDispute
  4000003560000008    visa       visa             IN credit  ok          -                                    yes in
`

const CHECKS: Record<string, string> = {
  line1: 'address_line1_check',
  postal: 'address_postal_code_check',
  cvc: 'cvc_check'
}

export const publishedCards: PublishedCard[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const columns = line.trim().split(/ +/)
    const [number = '', brand = '', displayBrand = '', country = '', funding = ''] = columns
    const [attach = '', failing = '', hasToken = '', name = ''] = columns.slice(5)
    return {
      number,
      brand,
      displayBrand,
      country,
      funding,
      attach,
      failing: failing === '-' ? {} : Object.fromEntries(failing.split(',').map(pair)),
      paymentMethod: name === '-' ? undefined : `pm_card_${name}`,
      token: hasToken === 'yes' ? `tok_${name}` : undefined
    }
  })

/** The error hash (without its type) that answers the attach of a card that declines, by number. */
export const refusalsAtAttach: Record<string, Record<string, string>> = {
  '4000000000000002': {
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
    advice_code: 'try_again_later',
    network_decline_code: '01',
    param: ''
  },
  '4000000000009995': {
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
    advice_code: 'try_again_later',
    network_advice_code: '02',
    network_decline_code: '51',
    param: ''
  },
  '4000000000009987': {
    code: 'card_declined',
    decline_code: 'lost_card',
    message: 'Your card was declined.',
    advice_code: 'do_not_try_again',
    network_advice_code: '01',
    network_decline_code: '41',
    param: ''
  },
  '4000000000009979': {
    code: 'card_declined',
    decline_code: 'stolen_card',
    message: 'Your card was declined.',
    advice_code: 'do_not_try_again',
    network_advice_code: '01',
    network_decline_code: '43',
    param: ''
  },
  '4000000000000069': {
    code: 'expired_card',
    decline_code: 'expired_card',
    message: 'Your card has expired.',
    param: 'exp_month',
    advice_code: 'confirm_card_data',
    network_advice_code: '03',
    network_decline_code: '54'
  },
  '4000000000000127': {
    code: 'incorrect_cvc',
    decline_code: 'incorrect_cvc',
    message: "Your card's security code is incorrect.",
    param: 'cvc',
    advice_code: 'confirm_card_data',
    network_advice_code: '03',
    network_decline_code: 'N7'
  },
  '4000000000000119': {
    code: 'processing_error',
    decline_code: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
    advice_code: 'try_again_later',
    network_decline_code: '06',
    param: ''
  },
  '4000000000006975': {
    code: 'card_declined',
    decline_code: 'card_velocity_exceeded',
    message:
      'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
    advice_code: 'try_again_later',
    network_advice_code: '02',
    network_decline_code: '61',
    param: ''
  }
}

function pair(text: string): [string, string] {
  const [check = '', outcome = ''] = text.split('=')
  return [CHECKS[check] ?? check, outcome]
}
