import { Answer, once } from '../../../plugins/idempotency/idempotency'
import { toBody } from '../../../plugins/json/json'
import type { Call } from '../call'
import { newId } from '../../protocol/values/ids'
import { now } from '../../protocol/values/time'
import { unsupported } from '../../protocol/errors/unsupported'
import { invalidVersion, isVersion } from '../../protocol/versions'
import { tooMany } from './errors'
import { eventsOf } from './events'
import type { CreateWebhookEndpointParams } from './schema'
import { firstGeneration, signingSecret } from './secret'
import { countWebhookEndpoints, insertWebhookEndpoint, type WebhookEndpointRow } from './store'
import { checkUrl } from './url'
import { webhookEndpointToObject, withSecret } from './object'

/** As many as an account has in each mode: every event asks all of them. */
const most = 16

/** Makes an endpoint, which hears of all that happens from then on. Only this answer shows its secret. */
export async function createWebhookEndpoint(
  call: Call,
  params: CreateWebhookEndpointParams
): Promise<Answer> {
  if (params.connect) throw unsupported('connect')
  checkUrl(params.url, call.livemode)
  const { api_version: version = null } = params
  if (version !== null && !isVersion(version)) throw invalidVersion(version, 'api_version')
  const row: WebhookEndpointRow = {
    account_id: call.account,
    id: newId('we'),
    created: now(),
    url: params.url,
    api_version: version,
    description: params.description ?? null,
    enabled_events: eventsOf(params.enabled_events),
    status: 'enabled',
    metadata: params.metadata ?? {},
    secret_generation: firstGeneration,
    previous_secret_until: null,
    listens_until: null
  }
  const answer = await once(call.vault.db, call.attempt, async (tx) => {
    if ((await countWebhookEndpoints(tx, call.account)) >= most) throw tooMany(call, most)
    await insertWebhookEndpoint(tx, row)
    return webhookEndpointToObject(call, row)
  })
  return answer.status === 200 ? showingSecret(call, answer) : answer
}

/** Answers are kept under their idempotency keys, and secrets nowhere: it is put in as the answer leaves. */
function showingSecret(
  { account, vault }: Call,
  { status, body, originalRequest, replayed }: Answer
): Answer {
  const wire = JSON.parse(body) as ReturnType<typeof webhookEndpointToObject>
  const secret = signingSecret(vault.secretsKey, account, wire.id, firstGeneration)
  return new Answer(status, toBody(withSecret(wire, secret)), { originalRequest, replayed })
}
