import { timingSafeEqual } from 'node:crypto'
import type { View } from '../../protocol/view'
import { derivedSecret } from '../../protocol/values/derived-secret'

const lengths = { seti: 31, pi: 25 } as const

/** What lets a browser act on one intent: its id, `_secret_`, and characters that follow from the id and a key. */
export function clientSecret(call: Pick<View, 'account' | 'vault'>, id: string): string {
  const length = lengths[id.startsWith('seti_') ? 'seti' : 'pi']
  return `${id}_secret_${derivedSecret(call.vault.secretsKey, `${call.account} ${id}`, length)}`
}

/** Whether that is the intent's client secret; it takes as long for any. */
export function isClientSecret(call: Pick<View, 'account' | 'vault'>, id: string, given: string): boolean {
  const [own, other] = [Buffer.from(clientSecret(call, id)), Buffer.from(given)]
  return own.length === other.length && timingSafeEqual(own, other)
}
