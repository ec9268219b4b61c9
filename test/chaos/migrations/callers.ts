import { fail } from 'node:assert/strict'
import { Caller } from '../harness/caller'
import { startServer } from '../harness/servers'
import { atWork, type Users } from './users'

export interface Callers {
  program: string
  url: string
  secretKey: string
  connections: number
}

/** The same over HTTP, through a server of its own: each makes a customer and a card, attaches, looks, undoes it. */
export async function startCallers({ program, url, secretKey, connections }: Callers): Promise<Users> {
  const server = await startServer(program, url)
  const all = Array.from({ length: connections }, () => ({
    caller: new Caller(server.url, secretKey),
    made: { customer: '', card: '' }
  }))
  return atWork(
    connections,
    async (user, n) => {
      const { caller, made } = all[user] ?? fail(`there is no caller ${user}`)
      const send = async (method: 'POST' | 'GET' | 'DELETE', path: string, body = ''): Promise<string> => {
        const { status, text } = await caller.send({ method, path, body })
        if (status !== 200) throw new Error(`${status} to ${method} ${path}: ${text}`)
        return (JSON.parse(text) as { id: string }).id
      }
      const card = `/v1/payment_methods/${made.card}`
      const steps = [
        async () => (made.customer = await send('POST', '/v1/customers', 'name=a')),
        async () => (made.card = await send('POST', '/v1/payment_methods', 'type=card&card[token]=tok_visa')),
        () => send('POST', `${card}/attach`, `customer=${made.customer}`),
        () => send('GET', card),
        () => send('POST', `${card}/detach`),
        () => send('DELETE', `/v1/customers/${made.customer}`)
      ]
      await steps[n % steps.length]?.()
      return `call ${(n % steps.length) + 1} of ${steps.length}`
    },
    async () => {
      for (const { caller } of all) caller.close()
      await server.stop()
    }
  )
}
