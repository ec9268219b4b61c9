import { type IncomingHttpHeaders, request, type RequestOptions } from 'node:http'

export interface Exchanged {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Why there was no answer; `reused`: on a connection that had been used before. */
export type Lost = NodeJS.ErrnoException & { reused?: boolean }

/**
 * One call and its answer, by node's own client: there are a million of them, and some are none that a better one would
 * send. Rejects when the connection is lost, or when there is no answer for half a minute.
 */
export const exchange = (options: RequestOptions, body?: string | Buffer): Promise<Exchanged> =>
  new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    sent.setTimeout(30_000, () => sent.destroy(new Error('no answer for 30 s')))
    sent.on('error', (error: Lost) => {
      reject(Object.assign(error, { reused: sent.reusedSocket }))
    })
    sent.end(body)
  })
