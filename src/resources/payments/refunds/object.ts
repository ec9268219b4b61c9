import { renders } from '../../../protocol/versioned'
import { Type } from '@sinclair/typebox'
import { OneOf, UnixTime } from '../../../../plugins/params/schema'
import {
  alwaysNull,
  expandable,
  IdShown,
  MetadataShown,
  named,
  nullable,
  WireObject
} from '../../../protocol/schemas'
import { ascending } from '../../../../plugins/json/json'
import type { RefundRow } from './store'

export const Refund = Type.Object(
  {
    id: IdShown,
    object: WireObject('refund'),
    amount: Type.Integer({ description: 'What was given back, in the smallest unit of the currency.' }),
    balance_transaction: alwaysNull('string'),
    charge: expandable(['charge'], 'The charge that it was taken with.'),
    created: UnixTime({ description: 'When it was made, in Unix seconds.' }),
    currency: Type.String({ description: 'Three letters, in lower case.' }),
    destination_details: Type.Object(
      {
        card: Type.Object(
          { type: Type.String({ description: 'Always `refund` here.' }) },
          { description: 'How it goes back to the card.' }
        ),
        type: Type.String({ description: 'Always `card` here.' })
      },
      { description: 'Where it goes.' }
    ),
    metadata: MetadataShown,
    payment_intent: expandable(['payment_intent'], 'The payment intent that it belongs to.'),
    reason: nullable('string', { description: 'duplicate, fraudulent or requested_by_customer.' }),
    receipt_number: alwaysNull('string'),
    source_transfer_reversal: alwaysNull('string'),
    status: OneOf(['canceled', 'failed', 'pending', 'requires_action', 'succeeded'], {
      description: 'How far it is.'
    }),
    transfer_reversal: alwaysNull('string')
  },
  { ...named('refund'), description: 'What was given back of a charge.' }
)

/** The refund, keys in the wire's order: the same in every version. */
export const refundToObject = renders(Refund)((row: RefundRow) => {
  return {
    id: row.id,
    object: 'refund' as const,
    amount: row.amount,
    balance_transaction: null,
    charge: row.charge_id,
    created: row.created,
    currency: row.currency,
    destination_details: { card: { type: 'refund' }, type: 'card' },
    metadata: ascending(row.metadata),
    payment_intent: row.payment_intent_id,
    reason: row.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: row.status,
    transfer_reversal: null
  }
})
