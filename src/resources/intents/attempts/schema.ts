import { Type } from '@sinclair/typebox'
import { CreatedFilter, Hash } from '../../../../plugins/params/schema'
import type { Given } from '../../../protocol/resource/operation'
import { pageParams, Text } from '../../../protocol/schemas'

export const ListSetupAttemptsQuery = Hash({
  ...pageParams,
  created: Type.Optional(CreatedFilter({ description: 'When they were made, in Unix seconds.' })),
  setup_intent: Text(5000, { description: 'Whose attempts.', examples: ['seti_1VkQ2aLkdIwHu7ixlDxxO6Mc'] })
})
export type ListSetupAttemptsParams = Given<undefined, typeof ListSetupAttemptsQuery>
