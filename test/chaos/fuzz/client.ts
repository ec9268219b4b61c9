import { Agent, request } from 'node:http'
import type { Request } from './requests'

export interface Response {
  status: number
  type: string
  text: string
}

const closedBefore = Symbol('closed before')

/** Sends what an HTTP client would never send by itself, too. Rejects after 20 seconds without a whole answer. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 })
  readonly #url: URL

  constructor(url: string) {
    this.#url = new URL(url)
  }

  async send(request: Request): Promise<Response> {
    for (;;) {
      const answer = await this.#once(request)
      if (answer !== closedBefore) return answer
    }
  }

  #once({ method, path, headers, body }: Request): Promise<Response | typeof closedBefore> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#url
      const sent = request({ agent: this.#agent, hostname, port, method, path, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          clearTimeout(timer)
          const text = Buffer.concat(chunks).toString()
          resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text })
        })
      })
      const timer = setTimeout(() => sent.destroy(new Error('no answer in 20 s')), 20_000)
      sent.on('error', (error) => {
        clearTimeout(timer)
        // After some refusals the server closes the connection, while the next call is on its way in it.
        if (sent.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET') resolve(closedBefore)
        else reject(error)
      })
      sent.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
