import { Agent } from 'node:http'
import { exchange } from './exchange'

/** What came back for one call, as far as it is judged. */
export interface Heard {
  status: number
  text: string
  originalRequest: string | undefined
  replayed: boolean
  shouldRetry: string | undefined
}

export interface Asked {
  /** POST without it. */
  method?: 'POST' | 'GET' | 'DELETE'
  path: string
  /** A form. */
  body?: string
  /** The idempotency key. */
  key?: string | undefined
}

/** Calls one server, over connections that stay open. */
export class Caller {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #host: string
  readonly #port: string
  readonly #headers: Record<string, string>

  constructor(url: string, secretKey: string) {
    const { hostname, port } = new URL(url)
    this.#host = hostname
    this.#port = port
    this.#headers = {
      authorization: `Bearer ${secretKey}`,
      'content-type': 'application/x-www-form-urlencoded'
    }
  }

  /** Rejects when the connection is lost, or when there is no answer for half a minute. */
  async send({ method = 'POST', path, body = '', key }: Asked): Promise<Heard> {
    const headers = {
      ...this.#headers,
      ...(method === 'POST' && { 'content-length': String(Buffer.byteLength(body)) }),
      ...(key !== undefined && { 'idempotency-key': key })
    }
    const where = { agent: this.#agent, host: this.#host, port: this.#port }
    const heard = await exchange({ ...where, path, method, headers }, method === 'POST' ? body : undefined)
    return {
      status: heard.status,
      text: heard.text,
      originalRequest: heard.headers['original-request']?.toString(),
      replayed: heard.headers['idempotent-replayed'] === 'true',
      shouldRetry: heard.headers['stripe-should-retry']?.toString()
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}
