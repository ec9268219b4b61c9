import { Agent } from 'node:http'
import { connect } from 'node:net'
import { exchange, type Exchanged } from '../harness/exchange'
import type { Send } from '../isolation/world'

export interface Answered {
  what: string
  /** Whether what it repeats may be the caller's own text. */
  own: boolean
  text: string
}

export const formType = 'application/x-www-form-urlencoded'
export const jsonType = 'application/json'

/** Calls one server, and keeps all that it answers. */
export class Client {
  readonly answers: Answered[] = []
  readonly statuses = new Map<number, number>()
  sent = 0
  /** Where webhooks are sent, also by endpoints that name an address of nowhere. */
  receiver = 'https://example.com/'
  readonly #agent = new Agent({ keepAlive: true })
  readonly #url: URL
  readonly #secret: string
  #own = false

  constructor(url: string, secret: string) {
    this.#url = new URL(url)
    this.#secret = secret
  }

  /** A form, as a body or as a query. */
  readonly send: Send = async (key, method, path, params = {}, headers = {}) => {
    const url = params.url === 'https://example.com/' ? { url: this.receiver } : {}
    const form = new URLSearchParams({ ...params, ...url }).toString()
    const authorization = `Bearer ${key}`
    return method === 'POST'
      ? this.raw(method, path, { authorization, 'content-type': formType, ...headers }, form)
      : this.raw(method, form === '' ? path : `${path}?${form}`, { authorization, ...headers })
  }

  /** Any body, with the key of the account where no other is named. */
  async raw(method: string, path: string, headers: Record<string, string> = {}, body?: string | Buffer) {
    const { hostname: host, port } = this.#url
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const all = { authorization: `Bearer ${this.#secret}`, ...headers, ...length }
    this.sent++
    const options = { host, port, method, path, agent: this.#agent, headers: all }
    const answer = await exchange(options, body).catch(hungUp)
    const { status, text } = answer
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    const what = `${method} ${path}: ${status}`
    this.answers.push({ what, own: this.#own, text: JSON.stringify(answer.headers) + text })
    return { status, text, replayed: 'idempotent-replayed' in answer.headers }
  }

  /** Sends bytes, and hangs up with what came back within a moment. */
  async bytes(bytes: string): Promise<void> {
    this.sent++
    const text = await new Promise<string>((resolve) => {
      let heard = ''
      const socket = connect(Number(this.#url.port), this.#url.hostname, () => socket.write(bytes))
      const end = () => {
        socket.destroy()
        resolve(heard)
      }
      socket
        .on('data', (data) => (heard += data.toString('latin1')))
        .on('error', end)
        .on('close', end)
      setTimeout(end, 15)
    })
    this.answers.push({ what: 'bytes', own: false, text })
  }

  /** What is repeated of what is sent meanwhile may be the caller's own text. */
  async asOwn(work: () => Promise<unknown>): Promise<void> {
    this.#own = true
    await work()
    this.#own = false
  }

  /** What somebody with the key is told, which is not counted as an answer here. */
  async read(path: string): Promise<string> {
    const { hostname: host, port } = this.#url
    const headers = { authorization: `Bearer ${this.#secret}` }
    return (await exchange({ host, port, path, headers })).text
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** As it does on a body that is too large: that is refused before it is there. */
function hungUp(error: unknown): Exchanged {
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'ECONNRESET' || code === 'EPIPE') return { status: 0, headers: {}, text: '' }
  throw error
}
