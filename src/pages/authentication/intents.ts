import type { Queryable } from '../../../plugins/database/statement'
import type { Call } from '../../resources/call'
import { clientSecret } from '../../resources/intents/client-secret'
import type { NextAction } from '../../resources/intents/next-action'
import { continuePaymentIntent } from '../../resources/intents/payment/continue'
import { findPaymentIntent } from '../../resources/intents/payment/store'
import { continueSetupIntent } from '../../resources/intents/setup/continue'
import { findSetupIntent } from '../../resources/intents/setup/store'

/** The parts of a payment or setup intent that the authentication pages need. */
export interface AuthenticatedIntent {
  id: string
  object: 'payment_intent' | 'setup_intent'
  client_secret: string
  status: string
  next_action: NextAction | null
  /** The processor's reference for the pending authentication. */
  reference: string | null
  /** The amount in the smallest unit of the currency; undefined for a setup intent. */
  amount?: number
  currency?: string
}

/** Finds an intent of either kind by its id. */
export async function findIntent(
  db: Queryable,
  call: Call,
  id: string
): Promise<AuthenticatedIntent | undefined> {
  const client_secret = clientSecret(call, id)
  if (id.startsWith('seti_')) {
    const row = await findSetupIntent(db, call.account, id)
    if (!row) return undefined
    const { next_action, authentication: reference } = row.details
    return { id, object: 'setup_intent', client_secret, status: row.status, next_action, reference }
  }
  const row = await findPaymentIntent(db, call.account, id)
  if (!row) return undefined
  const { next_action, authentication } = row.details
  return {
    id,
    object: 'payment_intent',
    client_secret,
    status: row.status,
    next_action,
    reference: authentication?.reference ?? null,
    amount: row.amount,
    currency: row.currency
  }
}

/** Continues an intent of either kind after its authentication. */
export const continueIntent = (
  call: Call,
  { id, object }: AuthenticatedIntent,
  source: string,
  outcome: 'succeeded' | 'failed'
) => (object === 'setup_intent' ? continueSetupIntent : continuePaymentIntent)(call, id, source, outcome)
