import { createHash } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isLockTimeout } from '../../../plugins/database/database'
import { WireError } from '../../../plugins/errors/errors'
import { form } from '../../../plugins/params/form'
import { baseUrlOf, type Call, type Vault } from '../../resources/call'
import { accountIn } from '../../protocol/view'
import { returnUrlOf } from '../../resources/intents/return-url'
import { paymentsOf } from '../../resources/intents/payment-processor-of'
import { processorContext } from '../../processor/context'
import type { Scope } from '../../protocol/scope'
import { newRequestId } from '../../protocol/values/ids'
import { type AuthenticatedIntent, continueIntent, findIntent } from './intents'
import { askingPage, contentPolicy, endedPage, pageStyle } from './page'

const Path = Type.Object({
  account: Type.String(),
  mode: Type.String(),
  intent: Type.String(),
  source: Type.String()
})
const hidden = { hide: true }

/**
 * Where the holder of a card is sent to authenticate: in test mode a page that stands for their bank's; and where a
 * processor's own page sends them back to, in either mode. A browser comes without a key: the source in the path is what
 * nobody else knows.
 */
export async function authenticationRoutes(app: FastifyInstance, vault: Vault): Promise<void> {
  const scope: Scope = app.withTypeProvider()
  await form(scope, { json: false, bodyLimit: 4096 })
  scope.setErrorHandler((error, request, reply) => sendFailure(request, reply, error))
  scope.setValidatorCompiler(() => () => true)

  scope.get(
    '/authenticate/:account/:mode/:intent/:source',
    { schema: { ...hidden, params: Path } },
    async (request, reply) => {
      const call = callOf(request, vault)
      const intent = await waitingIntent(call, request.params)
      return sendPage(reply, 200, intent ? askingPage(intent) : overPage)
    }
  )

  scope.post(
    '/authenticate/:account/:mode/:intent/:source',
    { schema: { ...hidden, params: Path } },
    async (request, reply) => {
      const call = callOf(request, vault)
      const intent = await waitingIntent(call, request.params)
      if (!intent) return sendPage(reply, 200, overPage)
      const { outcome } = (request.body ?? {}) as { outcome?: unknown }
      if (outcome !== 'succeeded' && outcome !== 'failed') return sendPage(reply, 400, askingPage(intent))
      return goOn(call, reply, intent, outcome)
    }
  )

  scope.get(
    '/authenticate/:account/:mode/:intent/return',
    { schema: { ...hidden, params: Type.Omit(Path, ['source']) } },
    async (request, reply) => {
      const call = callOf(request, vault)
      const intent = await findIntent(call.vault.db, call, request.params.intent)
      const { authenticated } = paymentsOf(call)
      if (!intent?.next_action || intent.reference === null || !authenticated) {
        return sendPage(reply, 200, overPage)
      }
      // It is only a question, but a processor keeps one answer for a key.
      const outcome = await authenticated(intent.reference, processorContext(call, 'authenticated'))
      if (outcome === 'pending') return sendPage(reply, 200, pendingPage)
      return goOn(call, reply, intent, outcome)
    }
  )
}

/** What waits for this very authentication, at the page that the vault serves: only in test mode. */
async function waitingIntent(
  call: Call,
  { intent: id, source }: { intent: string; source: string }
): Promise<AuthenticatedIntent | undefined> {
  if (call.livemode) return undefined
  const intent = await findIntent(call.vault.db, call, id)
  if (intent?.status !== 'requires_action' || intent.next_action?.source !== source) return undefined
  // Where the processor has a page, nobody passes by this one.
  return new URL(intent.next_action.url).pathname.endsWith(`/${id}/${source}`) ? intent : undefined
}

async function goOn(
  call: Call,
  reply: FastifyReply,
  intent: AuthenticatedIntent,
  outcome: 'succeeded' | 'failed'
): Promise<FastifyReply> {
  const { source = '', return_url = null } = intent.next_action ?? {}
  await continueIntent(call, intent, source, outcome)
  const after = await findIntent(call.vault.db, call, intent.id)
  const failed = after?.status === 'requires_payment_method' || after?.status === 'canceled'
  if (return_url !== null) {
    return reply.redirect(returnUrlOf(return_url, intent, failed ? 'failed' : 'succeeded'), 303)
  }
  return sendPage(reply, 200, failed ? failedPage : passedPage)
}

const callOf = (request: FastifyRequest, vault: Vault): Call => {
  const { account = '', mode = '' } = request.params as { account?: string; mode?: string }
  const livemode = mode === 'live'
  return {
    vault,
    account: accountIn(account, livemode),
    livemode,
    publishable: false,
    version: vault.defaultVersion,
    requestId: newRequestId(),
    baseUrl: baseUrlOf(vault, request, '/authenticate/'),
    attempt: null
  }
}

function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': contentPolicy(styleHash),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff'
    })
    .send(html)
}

/** For a person, not for a program. */
function sendFailure(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (isLockTimeout(error)) return sendPage(reply, 429, busyPage)
  // Fastify's own errors, of a body that is too large, say it by another name.
  const status = error instanceof WireError ? error.status : ((error as FastifyError).statusCode ?? 500)
  if (status >= 500) request.log.error({ err: error }, 'an authentication could not be ended')
  return sendPage(reply, status, wrongPage)
}

const styleHash = `sha256-${createHash('sha256').update(pageStyle).digest('base64')}`

const overPage = endedPage(
  'Nothing to authenticate',
  'Nobody waits for this authentication, or not any more.'
)
const pendingPage = endedPage('Not finished yet', 'Your bank has not told yet how the authentication ended.')
const passedPage = endedPage('Authentication complete', 'You can close this page.')
const failedPage = endedPage('Authentication failed', 'You can close this page and try another card.')
const busyPage = endedPage('One moment', 'It is being worked on. Load this page again.')
const wrongPage = endedPage('Something went wrong', 'Go back to where you came from and try again.')
