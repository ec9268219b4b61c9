import { derivedSecret } from '../../protocol/values/derived-secret'
import type { WebhookEndpointRow } from './store'

/** The generation of an endpoint's first secret. */
export const firstGeneration = 1

/** What deliveries to an endpoint are signed with, `whsec_` included. It is stored nowhere. */
export const signingSecret = (key: Buffer, account: string, id: string, generation: number): string =>
  `whsec_${derivedSecret(key, `${account} ${id} ${generation}`, 32)}`

/**
 * What is passed on to a terminal is signed with: the same for every one that listens to the account, whenever it does,
 * so that it is written into an app's settings once.
 */
export const listenersSecret = (key: Buffer, account: string): string =>
  `whsec_${derivedSecret(key, `${account} listens`, 32)}`

/** Every secret that a delivery at that second since 1970 is signed with: the current one first. */
export function signingSecrets(key: Buffer, endpoint: Signing, nowSeconds: number): string[] {
  const { account_id, id, secret_generation: current, previous_secret_until: until } = endpoint
  if (endpoint.listens_until !== null) return [listenersSecret(key, account_id)]
  const generations = until !== null && until > nowSeconds ? [current, current - 1] : [current]
  return generations.map((generation) => signingSecret(key, account_id, id, generation))
}

type Signing = Pick<
  WebhookEndpointRow,
  'account_id' | 'id' | 'secret_generation' | 'previous_secret_until' | 'listens_until'
>
