import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Receiver {
  url: string
  got: string[]
  close: () => void
}

/** Somebody who gets webhooks and keeps them, headers and all. */
export async function startReceiver(): Promise<Receiver> {
  const got: string[] = []
  const server = createServer((request, response) => {
    let text = JSON.stringify(request.headers)
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      got.push(text)
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, got, close }
}
