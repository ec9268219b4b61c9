import { createHash } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isLockTimeout } from '../../../plugins/database/errors/lock-timeout'
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
import { choicePage, contentPolicy, messagePage, pageStyle } from './page'

const Path = Type.Object({
  account: Type.String(),
  mode: Type.String(),
  intent: Type.String(),
  source: Type.String()
})
const hidden = { hide: true }

/**
 * Adds the pages of an authentication. In test mode, one page replaces the bank's page. In both modes, one route receives
 * the cardholder who returns from a processor's page. A browser sends no API key: the secret source in the path
 * identifies the authentication.
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
      return sendPage(reply, 200, intent ? choicePage(intent) : nothingPage)
    }
  )

  scope.post(
    '/authenticate/:account/:mode/:intent/:source',
    { schema: { ...hidden, params: Path } },
    async (request, reply) => {
      const call = callOf(request, vault)
      const intent = await waitingIntent(call, request.params)
      if (!intent) return sendPage(reply, 200, nothingPage)
      const { outcome } = (request.body ?? {}) as { outcome?: unknown }
      if (outcome !== 'succeeded' && outcome !== 'failed') return sendPage(reply, 400, choicePage(intent))
      return finish(call, reply, intent, outcome)
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
        return sendPage(reply, 200, nothingPage)
      }
      // Each question has a new idempotency key, because a processor repeats its answer to a known key.
      const outcome = await authenticated(intent.reference, processorContext(call, 'authenticated'))
      if (outcome === 'pending') return sendPage(reply, 200, pendingPage)
      return finish(call, reply, intent, outcome)
    }
  )
}

/** Returns the intent that waits for this authentication on the vault's test page; undefined if none does. */
async function waitingIntent(
  call: Call,
  { intent: id, source }: { intent: string; source: string }
): Promise<AuthenticatedIntent | undefined> {
  if (call.livemode) return undefined
  const intent = await findIntent(call.vault.db, call, id)
  if (intent?.status !== 'requires_action' || intent.next_action?.source !== source) return undefined
  // If the processor has a page of its own, this page must not complete the authentication.
  return new URL(intent.next_action.url).pathname.endsWith(`/${id}/${source}`) ? intent : undefined
}

async function finish(
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

/** Sends an error as a page for a person. */
function sendFailure(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (isLockTimeout(error)) return sendPage(reply, 429, busyPage)
  // Fastify's own errors, as for a body that is too large, name the status `statusCode`.
  const status = error instanceof WireError ? error.status : ((error as FastifyError).statusCode ?? 500)
  if (status >= 500) request.log.error({ err: error }, 'cannot complete an authentication')
  return sendPage(reply, status, wrongPage)
}

const styleHash = `sha256-${createHash('sha256').update(pageStyle).digest('base64')}`

const nothingPage = messagePage('Nothing to authenticate', 'No intent is waiting for this authentication.')
const pendingPage = messagePage('Not finished yet', 'Your bank has not yet confirmed the authentication.')
const passedPage = messagePage('Authentication complete', 'You can close this page.')
const failedPage = messagePage('Authentication failed', 'You can close this page and try another card.')
const busyPage = messagePage('One moment', 'The authentication is in progress. Reload this page.')
const wrongPage = messagePage('Something went wrong', 'Go back to the previous page and try again.')
