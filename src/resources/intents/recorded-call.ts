import type { Call, Vault } from '../call'
import type { Operation, RecordedCall } from './operation-store'

export function recordOf(call: Call): RecordedCall {
  const { livemode, publishable, version, requestId, baseUrl, claim, attempt } = call
  return {
    livemode,
    publishable,
    version,
    request_id: requestId,
    base_url: baseUrl,
    ...(claim !== undefined && { claim }),
    attempt: attempt && {
      key: attempt.key,
      endpoint: attempt.endpoint,
      parameters: attempt.parameters.toString('base64')
    }
  }
}

/** The call that began an operation. */
export function recordedCall(vault: Vault, { account_id: account, intended }: Operation): Call {
  const {
    livemode,
    publishable,
    version,
    request_id: requestId,
    base_url: baseUrl,
    claim,
    attempt
  } = intended.call
  return {
    vault,
    account,
    livemode,
    publishable,
    version,
    requestId,
    baseUrl,
    claim,
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
