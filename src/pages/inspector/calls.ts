import type { FastifyInstance, FastifyReply } from 'fastify'
import { unknownRoute } from '../../../plugins/reply/error-handler'
import { once } from '../../../plugins/idempotency/idempotency'
import { callOf } from '../../resources/call'
import { accountOf, isLive } from '../../protocol/view'
import { noSuchEvent } from '../../resources/events/errors'
import { readEvents } from '../../webhooks/store'
import { resendEvent } from '../../webhooks/resend'
import type { LoggedRequest, RequestLog } from './log'
import { recentEvents } from './store'

const hidden = { hide: true }
const heartbeatMs = 15_000
// The server disconnects a slower reader, which then reconnects.
const maxUnreadBytes = 1 << 20

/** Adds the calls of the page, for test mode only. `scope` authenticates them with a secret key. */
export function inspectorCalls(scope: FastifyInstance, log: RequestLog): void {
  scope.addHook('preHandler', (request, _reply, done) => {
    if (isLive(callOf(request).account)) unknownRoute(request)
    done()
  })
  const streams = new Set<FastifyReply>()
  scope.addHook('preClose', (done) => {
    for (const { raw } of streams) raw.destroy()
    done()
  })

  scope.get('/inspector/requests', { schema: hidden }, async (request, reply) => {
    const account = accountOf(callOf(request).account)
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const send = (entry: LoggedRequest): void => {
      write(`data: ${JSON.stringify(entry)}\n\n`)
    }
    const write = (text: string): void => {
      if (raw.writableLength > maxUnreadBytes) raw.destroy()
      else raw.write(text)
    }
    write(': here\n\n')
    for (const entry of log.of(account)) send(entry)
    const stop = log.listen(account, send)
    const beating = setInterval(() => {
      write(': still here\n\n')
    }, heartbeatMs)
    streams.add(reply)
    raw.once('close', () => {
      stop()
      clearInterval(beating)
      streams.delete(reply)
    })
  })

  scope.get('/inspector/events', { schema: hidden }, async (request) => {
    const { account, vault } = callOf(request)
    return { data: await recentEvents(vault.db, account) }
  })

  scope.post<{ Params: { id: string } }>(
    '/inspector/events/:id/resend',
    { schema: hidden },
    async (request) => {
      const call = callOf(request)
      return once(call.vault.db, call.attempt, async (tx) => {
        const { id } = request.params
        const [own] = await readEvents(tx, call.account, [id])
        if (!own) throw await noSuchEvent(tx, call, id)
        const { receivers = [] } = (await resendEvent(tx, id, undefined)) ?? {}
        return { id, sent_to: receivers.map((receiver) => receiver.id) }
      })
    }
  )
}
