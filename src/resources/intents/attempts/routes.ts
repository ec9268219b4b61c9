import { type Call, callOf, objectsIn } from '../../call'
import { type Expand, expandAll, expandOf } from '../../../protocol/expand'
import type { Scope } from '../../../protocol/scope'
import { noSuchSetupIntent } from '../setup/errors'
import { findSetupIntent } from '../setup/store'
import { badCursor, badExpand } from '../../../protocol/errors/descriptions'
import { listOf, pageOf, secondsOf } from '../../../protocol/lists/lists'
import { answers } from '../../../protocol/schemas'
import { noSuchSetupAttempt } from './errors'
import { SetupAttemptList, setupAttemptToObject } from './object'
import { type ListSetupAttemptsParams, ListSetupAttemptsQuery } from './schema'
import { findSetupAttempt, listSetupAttempts } from './store'

const kind = 'setup_attempt'

export function setupAttemptRoutes(scope: Scope): void {
  scope.get(
    '/v1/setup_attempts',
    {
      schema: {
        operationId: 'GetSetupAttempts',
        summary: 'List setup attempts',
        description: 'The tries to set a card up with one setup intent, newest first.',
        tags: ['SetupAttempts'],
        querystring: ListSetupAttemptsQuery,
        response: answers(
          SetupAttemptList,
          '400 `resource_missing`: `setup_intent` is none.',
          badCursor,
          badExpand
        )
      }
    },
    async (request) =>
      listOfSetupAttempts(
        callOf(request),
        request.query,
        expandOf(objectsIn(request), kind, request.query.expand, true)
      )
  )
}

async function listOfSetupAttempts(call: Call, params: ListSetupAttemptsParams, expand: Expand) {
  const { db } = call.vault
  const { setup_intent } = params
  if (!(await findSetupIntent(db, call.account, setup_intent))) {
    throw await noSuchSetupIntent(db, call, setup_intent, 'setup_intent')
  }
  const page = await pageOf(params, async (id, param) => {
    const row = await findSetupAttempt(db, call.account, id)
    if (!row) throw await noSuchSetupAttempt(db, call, id, param)
    return row
  })
  const rows = await listSetupAttempts(
    db,
    call.account,
    { setup_intent, created: secondsOf(params.created) },
    page
  )
  const shown = listOf('/v1/setup_attempts', page, rows, (row) => setupAttemptToObject(call, row))
  return { ...shown, data: await expandAll(call, kind, expand, shown.data) }
}
