import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Steady {
  url: string
  key: string
  perSecond: number
  seconds: number
  /** Path, body and idempotency key of each call. */
  next: () => { path: string; body: string; idempotencyKey: string }
}

/**
 * Sends calls at a steady rate, whether those before them were answered or not, and gives back how long each took, in
 * milliseconds and ascending: from when it was due, so that a stall counts for all that had to wait. Throws when one
 * failed.
 */
export async function steadily({ url, key, perSecond, seconds, next }: Steady): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const count = perSecond * seconds
  const began = performance.now()
  const sent: Promise<number>[] = []
  while (sent.length < count) {
    const due = began + (sent.length * 1000) / perSecond
    if (performance.now() < due) {
      await sleep(1)
      continue
    }
    sent.push(send(agent, url, key, next()).then(() => performance.now() - due))
  }
  try {
    return (await Promise.all(sent)).sort((a, b) => a - b)
  } finally {
    agent.destroy()
  }
}

function send(agent: Agent, url: string, key: string, call: ReturnType<Steady['next']>): Promise<void> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(call.body),
    'idempotency-key': call.idempotencyKey
  }
  return new Promise((resolve, reject) => {
    const sending = request(url + call.path, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve()
        else reject(new Error(`${call.path} was answered ${answer.statusCode ?? 0}`))
      })
    })
    sending.once('error', reject).end(call.body)
  })
}
