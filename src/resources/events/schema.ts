import { Type } from '@sinclair/typebox'
import { CreatedFilter, Hash } from '../../../plugins/params/schema'
import type { Given } from '../../protocol/resource/operation'
import { pageParams, Text } from '../../protocol/schemas'

export const EventPath = Hash({
  id: Text(5000, { description: "The event's id.", examples: ['evt_1VkQ2dLkdIwHu7ixKc5Lm9Gh'] })
})

export const ListEventsQuery = Hash({
  ...pageParams,
  created: Type.Optional(
    CreatedFilter({
      description: 'Written at this Unix second, or within these bounds.',
      examples: [{ gte: 1679946000 }]
    })
  ),
  delivery_success: Type.Optional(
    Type.Boolean({
      description: 'True: all its deliveries have arrived, or there are none. False: one waits or has failed.'
    })
  ),
  type: Type.Optional(
    Text(5000, { description: 'Of this type only; `customer.*` is every type that begins so.' })
  ),
  types: Type.Optional(
    Type.Array(Text(), { description: 'Of these types only, 20 at most; instead of `type`.' })
  )
})
export type ListEventsParams = Given<undefined, typeof ListEventsQuery>
