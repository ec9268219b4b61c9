import { type Answer, once } from '../../../plugins/idempotency/idempotency'
import type { Call } from '../call'
import { previousAttributes } from '../events/previous'
import { writeEvent } from '../events/store'
import { type Expand, expanded } from '../../protocol/expand'
import { checkExpiry } from '../../processor/check-card'
import { mergeMetadata } from '../../protocol/values/metadata'
import { refuseUnsupported } from '../../protocol/errors/unsupported'
import { everyKey } from '../../protocol/versions'
import { mergedBillingDetails } from './billing-details'
import { noSuchPaymentMethod, notSaved, ofAnotherType } from './errors'
import { mint, sharedCard } from './new-payment-method'
import { preferring } from './preferred-network'
import type { UpdateParams } from './schema'
import { lockPaymentMethod, type PaymentMethodRow, updatePaymentMethod as write } from './store'
import { type CardHash, cardOf, storedCard } from './stored-card'
import { paymentMethodToObject } from './object'

/**
 * Changes what is known of an attached payment method: billing details, expiry, metadata, whose bank account it is.
 * Never a number.
 */
export async function updatePaymentMethod(
  call: Call,
  id: string,
  params: UpdateParams,
  expand: Expand
): Promise<Answer> {
  refuseUnsupported(params, ['link', 'payto'])
  const shared = await sharedCard(call, id)
  return once(call.vault.db, call.attempt, async (tx) => {
    const row = shared ? await mint(tx, call, shared) : await lockPaymentMethod(tx, call.account, id)
    if (!row) throw await noSuchPaymentMethod(tx, call, id)
    if (row.state !== 'attached') throw notSaved()

    const stray = (['card', 'us_bank_account'] as const).find((name) => name !== row.type && name in params)
    if (stray !== undefined) throw ofAnotherType(stray, row.type)

    const changed: PaymentMethodRow = {
      ...row,
      details: mergedDetails(row, params),
      billing_details: mergedBillingDetails(row.billing_details, params.billing_details),
      allow_redisplay: params.allow_redisplay ?? row.allow_redisplay,
      metadata: mergeMetadata(row.metadata, params.metadata)
    }
    const whole = { ...call, version: everyKey }
    const previous = previousAttributes(
      paymentMethodToObject(whole, row),
      paymentMethodToObject(whole, changed)
    )
    if (previous) {
      await write(tx, call.account, changed)
      await writeEvent(tx, call, 'payment_method.updated', changed, previous)
    }
    return expanded(call, 'payment_method', expand, paymentMethodToObject(call, changed), tx)
  })
}

const mergedDetails = ({ type, details }: PaymentMethodRow, params: UpdateParams): Record<string, unknown> =>
  type === 'card'
    ? storedCard(mergedCard(cardOf(details), params.card))
    : { ...details, ...params.us_bank_account }

function mergedCard(card: CardHash, params: UpdateParams['card']): CardHash {
  if (!params) return card
  const { exp_month = card.exp_month, exp_year, networks } = params
  // A card that has expired since keeps its expiry; a new one has to lie ahead.
  const moved = params.exp_month !== undefined || exp_year !== undefined
  return {
    ...preferring(card, networks?.preferred),
    exp_month,
    exp_year: moved ? checkExpiry(exp_month, exp_year ?? card.exp_year, new Date()) : card.exp_year
  }
}
