import type { Call, Vault } from '../call'
import type { Operation } from './operation-store'

/** A call as it is written down, so that its work can be ended without it. */
export interface RecordedCall {
  livemode: boolean
  publishable: boolean
  version: string
  request_id: string
  base_url: string
  attempt: { key: string; endpoint: string; parameters: string } | null
}

export function recordOf(call: Call): RecordedCall {
  const { livemode, publishable, version, requestId, baseUrl, attempt } = call
  return {
    livemode,
    publishable,
    version,
    request_id: requestId,
    base_url: baseUrl,
    attempt: attempt && {
      key: attempt.key,
      endpoint: attempt.endpoint,
      parameters: attempt.parameters.toString('base64')
    }
  }
}

/** The call that began an operation. */
export function recordedCall(vault: Vault, { account_id: account, intended }: Operation): Call {
  const { livemode, publishable, version, request_id: requestId, base_url: baseUrl, attempt } = intended.call
  return {
    vault,
    account,
    livemode,
    publishable,
    version,
    requestId,
    baseUrl,
    attempt: attempt && {
      account,
      key: attempt.key,
      endpoint: attempt.endpoint,
      parameters: Buffer.from(attempt.parameters, 'base64'),
      requestId,
      version
    }
  }
}
