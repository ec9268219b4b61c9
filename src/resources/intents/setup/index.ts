import { Type } from '@sinclair/typebox'
import { resource } from '../../../protocol/resource/resource'
import { noSuchSetupIntent } from './errors'
import { SetupIntent, SetupIntentList, setupIntentToObject, type WholeSetupIntent } from './object'
import { findSetupIntent, findSetupIntents } from './store'

/** A card that is set up to be charged later. */
export const setupIntents = resource('setup_intent', {
  description: 'Cards that are set up to be charged later.',
  object: Type.Unsafe<WholeSetupIntent>(SetupIntent),
  components: [SetupIntentList],
  toObject: setupIntentToObject,
  find: findSetupIntent,
  findMany: findSetupIntents,
  noSuch: noSuchSetupIntent,
  expands: {
    application: null,
    customer: 'customer',
    latest_attempt: 'setup_attempt',
    mandate: null,
    on_behalf_of: null,
    payment_method: 'payment_method',
    single_use_mandate: null
  },
  joins: false,
  operations: {}
})
