import { openApiDocument } from '../../../src/index'
import type { WatchedServer } from '../harness/watched-servers'
import type { Client } from './client'
import { Random } from './random'
import type { Document } from './requests'
import { Values } from './values'
import { type Worst, worstRequests } from './worst'

// Milliseconds of the event loop that one call may take; FUZZ_HELD says how many on a machine that is slower than the one
// that it is promised for.
const most = Number(process.env.FUZZ_HELD ?? 20)
// The forms, for a broken vault.
const mutantRequests = 30

export interface HoldingUp {
  tries: number
  /** Calls that held it up for longer, or had a 5xx or no answer. */
  faults: string[]
  /** The worst of them. */
  told: string
}

/**
 * Sends the worst that can be sent, one by one, and looks for how long each held up the event loop. What does so every
 * time it is sent is at fault; what does so once was hit by a collection, or by the compiler.
 */
export async function holdingUp(
  server: WatchedServer,
  client: Client,
  { key, few }: { key: string; few: boolean }
): Promise<HoldingUp> {
  const document = (await openApiDocument()) as Document
  const values = new Values(new Random(1), document.components.schemas, new Map())
  const all = worstRequests(document, values, key)
  const requests = few ? all.slice(0, mutantRequests) : all
  const took: { request: Worst; held: number }[] = []
  const faults: string[] = []
  for (const request of requests) {
    let held = Infinity
    for (let left = 10; left > 0 && held > most; left--) {
      const once = await heldBy(server, client, request, faults)
      held = Math.min(held, once)
    }
    took.push({ request, held })
    if (held > most) faults.push(`${request.name} held up everybody for ${held.toFixed(1)} ms`)
  }
  const worst = took.sort((a, b) => b.held - a.held).slice(0, 8)
  return {
    tries: requests.length,
    faults,
    told: worst.map(({ request, held }) => `${held.toFixed(1)} ms ${request.name}`).join('; ')
  }
}

async function heldBy(
  server: WatchedServer,
  client: Client,
  request: Worst,
  faults: string[]
): Promise<number> {
  server.reset()
  try {
    const { status, text } = await client.send(request)
    if (status >= 500) faults.push(`${status} for ${request.name}: ${text.slice(0, 200)}`)
  } catch (error) {
    // Refused while it was being sent: the connection's end may overtake the answer.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EPIPE' && code !== 'ECONNRESET') faults.push(`${String(error)} for ${request.name}`)
  }
  const { longest } = await server.read({ collect: false })
  return longest
}
