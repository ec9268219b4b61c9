import { Agent } from 'node:http'
import { exchange, type Exchanged, type Lost } from '../harness/exchange'
import type { Request } from './requests'

/** Sends what an HTTP client would never send by itself, too. Rejects without a whole answer. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 })
  readonly #url: URL

  constructor(url: string) {
    this.#url = new URL(url)
  }

  async send({ body, ...request }: Request): Promise<Exchanged> {
    const { hostname, port } = this.#url
    for (;;) {
      try {
        return await exchange({ agent: this.#agent, hostname, port, ...request }, body)
      } catch (error) {
        // After some refusals the server closes the connection, while the next call is on its way in it.
        const { reused = false, code } = error as Lost
        if (!reused || code !== 'ECONNRESET') throw error
      }
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}
