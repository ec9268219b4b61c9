import { toBody } from '../../../plugins/json/json'
import { isLive } from '../../protocol/view'
import { eventToObject } from '../../resources/events/object'
import { objects } from '../../resources/index'
import { signingSecrets } from '../../resources/webhook-endpoints/secret'
import { isAllowedAddress } from '../../../plugins/auth/public-address'
import type { Limits } from './limits'
import { type Exchange, post } from './post'
import { signatureOf } from './signature'
import type { EventToSend, Receiver } from '../store'

/** The settings that all attempts of a process share. */
export interface Sender {
  secretsKey: Buffer
  defaultVersion: string
  userAgent: string
  limits: Limits
}

/** Sends an event to a receiver, in the receiver's API version and signed now. Throws if it cannot build the body. */
export function startAttempt(sender: Sender, receiver: Receiver, event: EventToSend): Exchange {
  const { limits, secretsKey } = sender
  const livemode = isLive(receiver.account_id)
  const version = receiver.api_version ?? sender.defaultVersion
  const { pending, ...row } = event
  const vault = { secretsKey, objects }
  const view = { account: receiver.account_id, livemode, publishable: false, version, vault }
  const wire = eventToObject(view, row, pending)
  const body = Buffer.from(toBody(wire))
  const second = Math.floor(Date.now() / 1000)
  return post({
    url: receiver.url,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': sender.userAgent,
      'stripe-signature': signatureOf(body, signingSecrets(secretsKey, receiver, second), second)
    },
    body,
    // The operator typed a listener's address in a terminal: a caller of the API cannot set it.
    allows: (address) => receiver.listens_until !== null || isAllowedAddress(address, livemode),
    timeout: limits.timeout,
    answer: limits.answer
  })
}
