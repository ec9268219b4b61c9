import { Type } from '@sinclair/typebox'
import { Clearable, CreatedFilter, Hash, Metadata, OneOf } from '../../../../plugins/params/schema'
import type { Given } from '../../../protocol/resource/operation'
import { ExpandParam, pageParams, refusedParams, Text } from '../../../protocol/schemas'

export const RefundPath = Hash({
  refund: Text(5000, { description: "The refund's id.", examples: ['re_1VkQ2eLkdIwHu7ixB8vJs2Wn'] })
})

export const CreateRefundBody = Hash(
  {
    amount: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'How much, in the smallest unit of the currency; all that is left unless given.'
      })
    ),
    charge: Type.Optional(Text(5000, { description: 'Of this charge; or name its payment intent.' })),
    expand: ExpandParam,
    metadata: Type.Optional(
      Clearable(Metadata(), { description: "The caller's own notes: 50 keys at most, of 40 characters." })
    ),
    payment_intent: Type.Optional(
      Text(5000, { description: "Of this payment intent's charge that succeeded." })
    ),
    reason: Type.Optional(
      OneOf(['duplicate', 'fraudulent', 'requested_by_customer'], { description: 'Why.' })
    ),
    ...refusedParams([
      'currency',
      'customer',
      'instructions_email',
      'origin',
      'payment_config',
      'refund_application_fee',
      'reverse_transfer'
    ])
  },
  { examples: [{ payment_intent: 'pi_3VkQ2aLkdIwHu7ixlDxxO6Mc', amount: 500 }] }
)

export type CreateRefundParams = Given<undefined, typeof CreateRefundBody>

export const ListRefundsQuery = Hash({
  ...pageParams,
  charge: Type.Optional(Text(5000, { description: 'Of this charge only.' })),
  created: Type.Optional(
    CreatedFilter({
      description: 'Made at this Unix second, or within these bounds.',
      examples: [{ gte: 1679946000 }]
    })
  ),
  payment_intent: Type.Optional(Text(5000, { description: 'Of this payment intent only.' }))
})
