import { secondsOf } from '../../../protocol/lists/lists'
import { list } from '../../../protocol/resource/list'
import { resource } from '../../../protocol/resource/resource'
import type { Call } from '../../call'
import { noSuchSetupIntent } from '../setup/errors'
import { findSetupIntent } from '../setup/store'
import { noSuchSetupAttempt } from './errors'
import { SetupAttempt, setupAttemptToObject } from './object'
import { type ListSetupAttemptsParams, ListSetupAttemptsQuery } from './schema'
import { findSetupAttempt, findSetupAttempts, listSetupAttempts } from './store'

/** One try to set a card up. */
export const setupAttempts = resource('setup_attempt', {
  description: 'Each try to set a card up.',
  object: SetupAttempt,
  toObject: setupAttemptToObject,
  find: findSetupAttempt,
  findMany: findSetupAttempts,
  noSuch: noSuchSetupAttempt,
  expands: {
    application: null,
    customer: 'customer',
    on_behalf_of: null,
    payment_method: 'payment_method',
    setup_intent: 'setup_intent'
  },
  operations: {
    list: list(ListSetupAttemptsQuery, listSetupAttempts, {
      filter: ofSetupIntent,
      summary: 'List setup attempts',
      description: 'The tries to set a card up with one setup intent, newest first.',
      errors: [noSuchSetupIntent.given('setup_intent')]
    })
  }
})

/** Narrows the list to one setup intent, which must exist. */
async function ofSetupIntent(call: Call, { setup_intent, created }: ListSetupAttemptsParams) {
  const { db } = call.vault
  if (!(await findSetupIntent(db, call.account, setup_intent))) {
    throw await noSuchSetupIntent(db, call, setup_intent, 'setup_intent')
  }
  return { setup_intent, created: secondsOf(created) }
}
