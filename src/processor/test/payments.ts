import type { CardRefusal } from '../card-processor'
import type { ProcessorContext } from '../context'
import { CardRefused } from '../card-processor'
import type {
  AuthenticationWanted,
  Authorized,
  Payment,
  PaymentOutcome,
  PaymentProcessor,
  SetUp,
  SetUpOutcome
} from '../payment-processor'
import type { TestCard } from './card'
import { AUTHENTICATION_REQUIRED, RAW_NUMBER_IN_LIVE_MODE } from './card-refusals'
import { testCardOfSlug } from './cards'
import { markAsSetUp, type TestToken } from './token'

/**
 * Returns the payment processor of the test cards. It has no state: every outcome follows from the token and
 * the request, so equal requests have equal outcomes.
 *
 * `read` returns the card of a token; `refusal` returns why an attach of it fails.
 */
export function testPayments(
  read: (token: string) => TestToken,
  refusal: (token: TestToken) => CardRefusal | undefined
): PaymentProcessor {
  /** Throws a refusal, or returns that the holder must authenticate; undefined when neither applies. */
  const requireAuthentication = (
    asked: Asked,
    context: ProcessorContext
  ): AuthenticationWanted | undefined => {
    if (context.livemode) throw new CardRefused(RAW_NUMBER_IN_LIVE_MODE)
    const token = read(asked.token)
    const { card } = token
    const refused = refusal(token) ?? (card.confirm === 'declines' ? card.decline : null)
    if (refused) throw new CardRefused(refused)
    if (wantsAuthentication(token, asked)) {
      if (asked.off_session) throw new CardRefused(AUTHENTICATION_REQUIRED)
      if (!isOfCard(card, asked.authentication)) {
        return { status: 'requires_action', reference: reference('auth', card, context) }
      }
    }
    if (card.confirm === 'authenticates_then_declines' && card.decline) throw new CardRefused(card.decline)
    return undefined
  }
  const check = (context: ProcessorContext, { reference: given, amount }: Authorized, part: number): void => {
    if (context.livemode || !isPayment(given)) throw new Error('The test processor did not authorize it')
    if (!(part > 0 && part <= amount)) {
      throw new Error('The test processor never gives or takes more than that')
    }
  }

  return {
    async setUp(setUp: SetUp, context): Promise<SetUpOutcome | AuthenticationWanted> {
      const wanted = requireAuthentication({ ...setUp, off_session: false, setting_up: true }, context)
      return wanted ?? { status: 'succeeded', ...newToken(setUp.token, setUp.usage) }
    },

    async authorize(payment: Payment, context): Promise<PaymentOutcome | AuthenticationWanted> {
      const wanted = requireAuthentication({ ...payment, setting_up: false }, context)
      if (wanted) return wanted
      const { card } = read(payment.token)
      return {
        status: 'authorized',
        reference: reference('pay', card, context),
        ...newToken(payment.token, payment.setup_future_usage)
      }
    },

    async capture(capture, context) {
      check(context, capture, capture.amount_to_capture)
    },

    async cancel(authorization, context) {
      check(context, authorization, authorization.amount)
    },

    async refund(refund, context) {
      check(context, refund, refund.amount_to_refund)
    }
  }
}

interface Asked {
  token: string
  authentication?: string | undefined
  off_session: boolean
  setting_up: boolean
}

function wantsAuthentication(token: TestToken, { off_session, setting_up }: Asked): boolean {
  switch (token.card.confirm) {
    case 'authenticates':
    case 'authenticates_then_declines':
      return true
    case 'authenticates_on_session':
      return !off_session
    case 'authenticates_unless_set_up':
      return setting_up || !token.setUp
    default:
      return false
  }
}

/** Returns a new token for a card that was set up for off-session charges. */
const newToken = (token: string, usage: 'on_session' | 'off_session' | null): { token?: string } =>
  usage === 'off_session' ? { token: markAsSetUp(token) } : {}

/** Returns a reference that is equal for equal requests and different for others. */
const reference = (kind: 'auth' | 'pay', { slug }: TestCard, { idempotencyKey }: ProcessorContext): string =>
  `${kind}_${slug}_${idempotencyKey}`

const isOfCard = ({ slug }: TestCard, authentication: string | undefined): boolean =>
  authentication?.startsWith(`auth_${slug}_`) === true

const isPayment = (given: string): boolean => {
  const [, slug = ''] = /^pay_([a-z_]+_\d{4})_./.exec(given) ?? []
  return testCardOfSlug(slug) !== undefined
}
