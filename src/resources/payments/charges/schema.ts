import { type Static, Type } from '@sinclair/typebox'
import { CreatedFilter, Hash } from '../../../../plugins/params/schema'
import { pageParams, refusedParams, Text } from '../../../protocol/schemas'

export const ChargePath = Hash({
  charge: Text(5000, { description: "The charge's id.", examples: ['ch_1VkQ2cLkdIwHu7ix7NpYq3Fd'] })
})

export const ListChargesQuery = Hash({
  ...pageParams,
  created: Type.Optional(
    CreatedFilter({
      description: 'Made at this Unix second, or within these bounds.',
      examples: [{ gte: 1679946000 }]
    })
  ),
  customer: Type.Optional(Text(5000, { description: 'Of this customer only.' })),
  payment_intent: Type.Optional(Text(5000, { description: 'Of this payment intent only.' })),
  ...refusedParams(['transfer_group'])
})
export type ListChargesParams = Static<typeof ListChargesQuery>
