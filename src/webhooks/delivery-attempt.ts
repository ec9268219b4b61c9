/** The result of one attempt at one delivery. */
export interface DeliveryAttempt {
  account: string
  eventId: string
  type: string
  endpointId: string
  url: string
  /** Counts from 1. */
  attempt: number
  /** The status code of the answer; undefined without an answer. */
  status: number | undefined
  /** The reason for a missing answer: `timeout`, `address_refused`, `connection_refused`, … */
  failure: string | undefined
  milliseconds: number
  outcome: 'delivered' | 'will retry' | 'failed'
}
