import { resource } from '../../../protocol/resource/resource'
import { noSuchSetupAttempt } from './errors'
import { SetupAttempt, SetupAttemptList, setupAttemptToObject } from './object'
import { findSetupAttempt, findSetupAttempts } from './store'

/** One try to set a card up. */
export const setupAttempts = resource('setup_attempt', {
  description: 'Each try to set a card up.',
  object: SetupAttempt,
  components: [SetupAttemptList],
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
  operations: {}
})
