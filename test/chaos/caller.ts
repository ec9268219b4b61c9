import { Agent, request } from 'node:http'

/** What came back for one call, as far as it is judged. */
export interface Heard {
  status: number
  text: string
  originalRequest: string | undefined
  replayed: boolean
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

/** Calls one server, over connections that stay open. By node's own client, since there are a million calls. */
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
  send({ method = 'POST', path, body = '', key }: Asked): Promise<Heard> {
    return new Promise<Heard>((resolve, reject) => {
      const headers = {
        ...this.#headers,
        ...(method === 'POST' && { 'content-length': String(Buffer.byteLength(body)) }),
        ...(key !== undefined && { 'idempotency-key': key })
      }
      const where = { agent: this.#agent, host: this.#host, port: this.#port }
      const sent = request({ ...where, path, method, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('error', reject)
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            text,
            originalRequest: response.headers['original-request']?.toString(),
            replayed: response.headers['idempotent-replayed'] === 'true'
          })
        })
      })
      sent.setTimeout(30_000, () => sent.destroy(new Error('no answer for 30 s')))
      sent.on('error', reject)
      if (method === 'POST') sent.end(body)
      else sent.end()
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
