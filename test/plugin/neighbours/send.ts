import { Agent, request } from 'node:http'
import { connect } from 'node:http2'
import type { Test } from 'tap'

/** One request, as it goes over the line. */
export interface Ask {
  method?: string
  path: string
  headers?: Record<string, string>
  body?: string
}

/** What came back, to the letter; without what depends on the clock and on the connection alone. */
export interface Sent {
  status: number
  headers: [name: string, value: string][]
  body: string
}

export type Send = (ask: Ask) => Promise<Sent>

/** Sends to one server, over connections that are gone when `t` ends. */
export function sender(t: Test, url: string, http2 = false): Send {
  if (http2) return overHttp2(t, url)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => {
    agent.destroy()
  })
  return ({ method = 'GET', path, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const sized = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const sent = request(url, { agent, method, path, headers: { ...sized, ...headers } }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
        response.on('end', () => {
          const { statusCode: status = 0, rawHeaders } = response
          const pairs = rawHeaders.flatMap((name, i): [string, string][] =>
            i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? '']] : []
          )
          resolve({ status, headers: lasting(pairs), body: Buffer.concat(chunks).toString() })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
}

function overHttp2(t: Test, url: string): Send {
  const session = connect(url)
  t.teardown(() => {
    session.destroy()
  })
  return ({ method = 'GET', path, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':method': method, ':path': path, ...headers })
      const chunks: Buffer[] = []
      let answered: Record<string, unknown> = {}
      stream.on('response', (headers) => (answered = headers)).on('error', reject)
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { ':status': status, ...rest } = answered
        const pairs = Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)])
        resolve({
          status: Number(status),
          headers: lasting(pairs),
          body: Buffer.concat(chunks).toString()
        })
      })
      stream.end(body)
    })
}

const lasting = (headers: [string, string][]): [string, string][] =>
  headers.filter(([name]) => !/^(date|connection|keep-alive)$/i.test(name))
