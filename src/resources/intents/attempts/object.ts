import { Type } from '@sinclair/typebox'
import { OneOf, UnixTime } from '../../../../plugins/params/schema'
import { LastErrorShown, lastErrorToObject } from '../last-error'
import {
  alwaysNull,
  CustomerAccountShown,
  expandable,
  IdShown,
  LivemodeShown,
  named,
  nullable,
  WireObject
} from '../../../protocol/schemas'
import type { View } from '../../../protocol/view'
import { cardOf } from '../../payment-methods/stored-card'
import { keysByVersion, renders } from '../../../protocol/versioned'
import type { SetupAttemptRow } from './store'

const check = nullable('string', { description: 'What came of it; null where there was nothing to check.' })

const CardShown = Type.Object(
  {
    brand: nullable('string', { description: 'The network.' }),
    checks: Type.Object(
      { address_line1_check: check, address_postal_code_check: check, cvc_check: check },
      { description: 'What was checked.' }
    ),
    country: nullable('string', { description: 'Where it was issued: two letters.' }),
    exp_month: nullable('integer', { description: 'The last month in which it is good.' }),
    exp_year: nullable('integer', { description: 'The year of that month.' }),
    fingerprint: nullable('string', { description: 'The same for the same number in an account.' }),
    funding: nullable('string', { description: '`credit`, `debit`, `prepaid` or `unknown`.' }),
    last4: nullable('string', { description: 'The last four digits.' }),
    network: nullable('string', { description: 'The network that was used.' }),
    three_d_secure: alwaysNull('object'),
    wallet: alwaysNull('object')
  },
  { description: 'The card, as it was then.' }
)

export const SetupAttempt = Type.Object(
  {
    id: IdShown,
    object: WireObject('setup_attempt'),
    application: alwaysNull('string'),
    created: UnixTime({ description: 'When it was made, in Unix seconds.' }),
    customer: expandable(['customer', 'deleted_customer'], 'Whose set-up it was.'),
    customer_account: CustomerAccountShown,
    flow_directions: Type.Unsafe<string[] | null>({
      type: ['array', 'null'],
      items: { type: 'string', enum: ['inbound', 'outbound'] },
      description: 'As the setup intent had it.'
    }),
    livemode: LivemodeShown,
    on_behalf_of: alwaysNull('string'),
    payment_method: expandable(['payment_method'], 'What was set up.'),
    payment_method_details: Type.Object(
      { card: CardShown, type: WireObject('card') },
      { description: 'What the payment method was like.' }
    ),
    setup_error: LastErrorShown,
    setup_intent: expandable(['setup_intent'], 'What it was an attempt at.'),
    status: OneOf(['abandoned', 'failed', 'requires_action', 'succeeded'], { description: 'How it went.' }),
    usage: OneOf(['off_session', 'on_session'], { description: 'As the setup intent had it.' })
  },
  { ...named('setup_attempt'), description: 'One try to set a card up.' }
)

const shows = keysByVersion(SetupAttempt)

/** The setup attempt as this call's version has it, keys in the wire's order. */
export const setupAttemptToObject = renders(SetupAttempt)((view: View, row: SetupAttemptRow) => {
  const { details } = row
  const card = cardOf(details.card)
  return {
    id: row.id,
    object: 'setup_attempt' as const,
    application: null,
    created: row.created,
    customer: row.customer_id,
    ...(shows(view.version, 'customer_account') && { customer_account: null }),
    flow_directions: details.flow_directions,
    livemode: view.livemode,
    on_behalf_of: null,
    payment_method: row.payment_method_id,
    payment_method_details: {
      card: {
        brand: card.brand,
        checks: card.checks,
        country: card.country,
        exp_month: card.exp_month,
        exp_year: card.exp_year,
        fingerprint: card.fingerprint,
        funding: card.funding,
        last4: card.last4,
        network: card.networks.preferred ?? card.brand,
        three_d_secure: null,
        wallet: null
      },
      type: 'card' as const
    },
    setup_error: lastErrorToObject(view, details.setup_error),
    setup_intent: row.setup_intent_id,
    status: row.status,
    usage: details.usage
  }
})
