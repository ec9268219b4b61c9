import { type Static, Type } from '@sinclair/typebox'
import { OneOf, UnixTime } from '../../../../plugins/params/schema'
import { LastErrorShown, lastErrorToObject } from '../last-error'
import { NextActionShown, nextActionToObject } from '../next-action'
import {
  alwaysNull,
  CustomerAccountShown,
  expandable,
  IdShown,
  ListOf,
  LivemodeShown,
  MetadataShown,
  named,
  nullable,
  nullableHash,
  WireObject
} from '../../../protocol/schemas'
import { ascending } from '../../../../plugins/json/json'
import type { View } from '../../../protocol/view'
import { shownToBrowsers } from '../publishable-view'
import { clientSecret } from '../client-secret'
import { keysByVersion, rendersWhole, since } from '../../../protocol/versioned'
import type { SetupIntentRow } from './store'

// What is optional is either of a version, or nothing that a browser sees.
export const SetupIntent = Type.Object(
  {
    id: IdShown,
    object: WireObject('setup_intent'),
    allowed_payment_method_types: since('2026-06-24', alwaysNull('object')),
    application: Type.Optional(alwaysNull('string')),
    automatic_payment_methods: nullableHash(
      {
        allow_redirects: Type.Optional(OneOf(['always', 'never'], { description: 'As it was given.' })),
        enabled: Type.Boolean({ description: 'As it was given.' })
      },
      { description: 'Whether types are chosen by the account: there are cards only.' }
    ),
    cancellation_reason: nullable('string', {
      enum: ['abandoned', 'duplicate', 'requested_by_customer', null],
      description: 'Why it was canceled.'
    }),
    client_secret: nullable('string', { description: 'What lets a browser confirm and retrieve it.' }),
    created: UnixTime({ description: 'When it was made, in Unix seconds.' }),
    customer: Type.Optional(
      expandable(['customer', 'deleted_customer'], 'Whom the payment method is attached to.')
    ),
    customer_account: CustomerAccountShown,
    description: nullable('string', { description: 'Anything that helps to know it by.' }),
    excluded_payment_method_types: since('2025-09-30', alwaysNull('object')),
    flow_directions: Type.Optional(
      Type.Unsafe<string[] | null>({
        type: ['array', 'null'],
        items: { type: 'string', enum: ['inbound', 'outbound'] },
        description: 'Whether it is to be paid with: as it was given.'
      })
    ),
    last_setup_error: LastErrorShown,
    latest_attempt: Type.Optional(expandable(['setup_attempt'], 'What the last confirm made.')),
    livemode: LivemodeShown,
    managed_payments: since(
      '2026-06-24',
      nullableHash(
        { enabled: Type.Boolean({ description: 'Always false here.' }) },
        { description: 'Nothing in this vault stands behind it.' }
      )
    ),
    mandate: Type.Optional(alwaysNull('string')),
    metadata: Type.Optional(MetadataShown),
    next_action: NextActionShown,
    on_behalf_of: Type.Optional(alwaysNull('string')),
    payment_method: expandable(['payment_method'], 'What is or was set up.'),
    payment_method_configuration_details: Type.Optional(alwaysNull('object')),
    payment_method_options: Type.Optional(
      Type.Object(
        {
          card: Type.Object(
            {
              mandate_options: alwaysNull('object'),
              network: alwaysNull('string'),
              request_three_d_secure: nullable('string', { description: 'Always `automatic` here.' })
            },
            { description: 'What was said of cards.' }
          )
        },
        { description: 'What was said of each type.' }
      )
    ),
    payment_method_types: Type.Array(Type.String(), { description: 'Always `card` alone here.' }),
    single_use_mandate: Type.Optional(alwaysNull('string')),
    status: OneOf(
      [
        'canceled',
        'processing',
        'requires_action',
        'requires_confirmation',
        'requires_payment_method',
        'succeeded'
      ],
      { description: 'How far it is.' }
    ),
    usage: OneOf(['off_session', 'on_session'], {
      description: 'Whether the card is to be charged without its holder as well.'
    })
  },
  { ...named('setup_intent'), description: 'A card that is set up to be charged later.' }
)

const shows = keysByVersion(SetupIntent)

export const SetupIntentList = ListOf('setup_intent_list', SetupIntent)

/** The setup intent as this call's version has it, keys in the wire's order; a browser sees only its part. */
export const setupIntentToObject = (view: View, row: SetupIntentRow): Static<typeof SetupIntent> =>
  shownToBrowsers(view, wholeToObject(view, row), seenByBrowsers)

const seenByBrowsers = new Set([
  'automatic_payment_methods',
  'cancellation_reason',
  'client_secret',
  'created',
  'description',
  'last_setup_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_types',
  'status',
  'usage'
] as const)

const wholeToObject = rendersWhole(SetupIntent)((view: View, row: SetupIntentRow) => {
  const { details } = row
  const { version, livemode } = view
  const automatic = details.automatic_payment_methods
  return {
    id: row.id,
    object: 'setup_intent' as const,
    ...(shows(version, 'allowed_payment_method_types') && {
      allowed_payment_method_types: null
    }),
    application: null,
    automatic_payment_methods: automatic && {
      ...(automatic.allow_redirects !== undefined && { allow_redirects: automatic.allow_redirects }),
      enabled: automatic.enabled
    },
    cancellation_reason: details.cancellation_reason,
    client_secret: clientSecret(view, row.id),
    created: row.created,
    customer: row.customer_id,
    ...(shows(version, 'customer_account') && { customer_account: null }),
    description: details.description,
    ...(shows(version, 'excluded_payment_method_types') && {
      excluded_payment_method_types: null
    }),
    flow_directions: details.flow_directions,
    last_setup_error: lastErrorToObject(view, details.last_setup_error),
    latest_attempt: row.latest_attempt_id,
    livemode,
    ...(shows(version, 'managed_payments') && { managed_payments: { enabled: false } }),
    mandate: null,
    metadata: ascending(row.metadata),
    next_action: nextActionToObject(details.next_action),
    on_behalf_of: null,
    payment_method: row.payment_method_id,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' }
    },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: row.status,
    usage: details.usage
  }
})

export type WholeSetupIntent = ReturnType<typeof wholeToObject>
