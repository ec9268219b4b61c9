import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/**
 * A server before the server that cuts some connections after the answer was made and before it was sent: the change
 * is done, and the caller does not know. `drops` is given each request's head, as it was sent.
 */
export async function startDroppingProxy(
  t: Test,
  upstreamPort: number,
  drops: (head: string) => boolean
): Promise<{ port: number }> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, '127.0.0.1')
    let dropping = false
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (chunk) => {
      const text = chunk.toString('latin1')
      if (/^(POST|GET|DELETE) /.test(text)) dropping = drops(text.split('\r\n\r\n', 1)[0] ?? '')
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (dropping) client.destroy()
      else client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port }
}
