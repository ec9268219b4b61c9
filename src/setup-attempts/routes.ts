import { type Static, Type } from '@sinclair/typebox'
import { CreatedFilter, Hash } from '../../plugins/schema'
import { type Call, callOf } from '../call'
import { type Expand, expandAll, expandOf } from '../expand'
import type { Scope } from '../scope'
import { noSuchSetupIntent } from '../setup-intents/errors'
import { findSetupIntent } from '../setup-intents/store'
import { badCursor, badExpand, withErrors } from '../wire/descriptions'
import { listOf, pageOf, secondsOf } from '../wire/lists'
import { noSuch } from '../wire/missing'
import { answers, pageParams, Text } from '../wire/schemas'
import { SetupAttemptList } from './components'
import { findSetupAttempt, listSetupAttempts } from './store'
import { setupAttemptToWire } from './wire'

const kind = 'setup_attempt'

const ListQuery = Hash({
  ...pageParams,
  created: Type.Optional(CreatedFilter({ description: 'When they were made, in Unix seconds.' })),
  setup_intent: Text(5000, { description: 'Whose attempts.', examples: ['seti_1VkQ2aLkdIwHu7ixlDxxO6Mc'] })
})

export function setupAttemptRoutes(scope: Scope): void {
  scope.get(
    '/v1/setup_attempts',
    {
      schema: {
        operationId: 'GetSetupAttempts',
        summary: 'List setup attempts',
        description: withErrors(
          'The tries to set a card up with one setup intent, newest first.',
          '400 `resource_missing`: `setup_intent` is none.',
          badCursor,
          badExpand
        ),
        tags: ['SetupAttempts'],
        querystring: ListQuery,
        response: answers(SetupAttemptList)
      }
    },
    async (request) =>
      listOfSetupAttempts(callOf(request), request.query, expandOf(kind, request.query.expand, true))
  )
}

async function listOfSetupAttempts(call: Call, params: Static<typeof ListQuery>, expand: Expand) {
  const { db } = call.vault
  const { setup_intent } = params
  if (!(await findSetupIntent(db, call.account, setup_intent))) {
    throw await noSuchSetupIntent(db, call, setup_intent, 'setup_intent')
  }
  const page = await pageOf(params, async (id, param) => {
    const row = await findSetupAttempt(db, call.account, id)
    if (!row) throw await noSuch(db, call, 'setup_attempt', findSetupAttempt, id, { status: 400, param })
    return row
  })
  const rows = await listSetupAttempts(
    db,
    call.account,
    { setup_intent, created: secondsOf(params.created) },
    page
  )
  const shown = listOf('/v1/setup_attempts', page, rows, (row) => setupAttemptToWire(call, row))
  return { ...shown, data: await expandAll(call, kind, expand, shown.data) }
}
