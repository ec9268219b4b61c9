import { invalidRequest, parameterMissing } from '../../../plugins/errors/errors'
import { type Answer, once, onceKnown } from '../../../plugins/idempotency/idempotency'
import { toBody } from '../../../plugins/json/json'
import type { Call } from '../call'
import { claimingFirst } from '../claimed'
import { type Expand, expanded } from '../../protocol/expand'
import type { BankAccountDetails } from '../../processor/bank-account'
import { refuseUnsupported } from '../../protocol/errors/unsupported'
import { tokenizedAccount } from './bank-account'
import { mergedBillingDetails } from './billing-details'
import { tokenizedCard } from './card'
import { creatingPaymentMethod } from './create-store'
import { notSavedHere, ofAnotherType } from './errors'
import { mint, mintedRow } from './new-payment-method'
import type { NewPaymentMethod, PaymentMethodExtras } from './draft'
import type { CreateParams, NewCardParams } from './schema'
import type { BillingDetails } from './store'
import { bankAccountOf, bankAccountTypes, isBankAccountType, otherTypes } from './types/index'
import { paymentMethodToObject } from './object'

/**
 * Makes a payment method from the details of a card or a bank account, or from a card's token. Numbers and the CVC go
 * to the processor and nowhere else; what it gives back is stored.
 */
export async function createPaymentMethod(call: Call, params: CreateParams, expand: Expand): Promise<Answer> {
  const billing_details = mergedBillingDetails({}, params.billing_details)
  const given = givenIn(params, billing_details)
  const { allow_redisplay, metadata } = params
  const extras = {
    billing_details,
    ...(allow_redisplay !== undefined && { allow_redisplay }),
    ...(metadata !== undefined && { metadata })
  }

  return claimingFirst(call, async (call) => {
    const tokenized = await ('card' in given
      ? tokenizedCard(call, given.card, billing_details)
      : tokenizedAccount(call, given.account))
    // One that uses up a token takes more than one statement.
    if (expand.length === 0 && tokenized.spends === undefined) return createAlone(call, tokenized, extras)
    return once(call.vault.db, call.attempt, async (tx) => {
      const row = await mint(tx, call, tokenized, extras)
      return expanded(call, 'payment_method', expand, paymentMethodToObject(call, row), tx)
    })
  })
}

/** Key, answer and row in one statement. */
async function createAlone(
  call: Call,
  tokenized: NewPaymentMethod,
  extras: PaymentMethodExtras
): Promise<Answer> {
  const { account, attempt, requestId, vault } = call
  const row = mintedRow(tokenized, extras)
  const body = toBody(paymentMethodToObject(call, row))
  return onceKnown(vault.db, attempt, body, () =>
    vault.batcher.run(creatingPaymentMethod, account, { requestId, attempt, body, row, secrets: tokenized })
  )
}

function givenIn(
  params: CreateParams,
  billing: BillingDetails
): { card: NewCardParams } | { account: BankAccountDetails } {
  if (params.payment_method !== undefined) {
    // With a customer it would be a copy for a connected account, and there is none to make it for.
    throw invalidRequest('This vault does not clone payment methods to connected accounts.', {
      param: 'payment_method'
    })
  }
  const { type } = params
  if (type === undefined) throw parameterMissing('type')
  if (params.customer !== undefined) {
    throw invalidRequest(
      'You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the PaymentMethod and then attach it using the attachment method of the PaymentMethods API.'
    )
  }
  if (type !== 'card' && !isBankAccountType(type)) throw notSavedHere(type)
  refuseUnsupported(params, ['radar_options', 'interac_present', ...otherTypes])
  const stray = (['card', ...bankAccountTypes] as const).find((name) => name !== type && name in params)
  if (stray !== undefined) throw ofAnotherType(stray, type)

  if (type !== 'card') return { account: bankAccountOf(type, params, billing) }
  if (params.card === undefined) throw parameterMissing('card')
  return { card: params.card }
}
