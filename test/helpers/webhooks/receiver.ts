import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Received {
  method: string
  headers: IncomingHttpHeaders
  text: string
  /** The event's. */
  id: string
}

/** Somebody who gets webhooks. */
export interface Receiver {
  url: string
  port: number
  got: Received[]
  /** How many of them it has answered, or lost. */
  ended: number
  connections: number
  close: () => void
}

/** What it answers to the request of that number, from 0; without an answer it hangs. */
export type Answer = (response: ServerResponse, number: number, request: IncomingMessage) => unknown

export const ok: Answer = (response) => response.end()
export const hang: Answer = () => undefined

/** Starts a receiver, which closes with `t`. */
export async function startReceiver(t: Test, answer: Answer = ok): Promise<Receiver> {
  const receiver: Receiver = { url: '', port: 0, got: [], ended: 0, connections: 0, close: () => undefined }
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    response.on('close', () => receiver.ended++)
    request.on('end', () => {
      const { method = '', headers } = request
      const { id } = JSON.parse(text) as { id: string }
      answer(response, receiver.got.push({ method, headers, text, id }) - 1, request)
    })
  })
  server.on('connection', () => receiver.connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  receiver.port = (server.address() as AddressInfo).port
  receiver.url = `http://127.0.0.1:${receiver.port}/webhooks`
  receiver.close = () => {
    server.closeAllConnections()
    server.close()
  }
  t.teardown(receiver.close)
  return receiver
}
