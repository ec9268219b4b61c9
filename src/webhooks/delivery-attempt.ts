/** One try at one delivery, as it ended. */
export interface DeliveryAttempt {
  account: string
  eventId: string
  type: string
  endpointId: string
  url: string
  /** From 1. */
  attempt: number
  /** Of the answer, where there was one. */
  status: number | undefined
  /** Why there was none: `timeout`, `address_refused`, `connection_refused`, … */
  failure: string | undefined
  milliseconds: number
  outcome: 'delivered' | 'will retry' | 'failed'
}
