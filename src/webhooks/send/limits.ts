/** What bounds the deliveries of one process. Times are milliseconds. */
export interface Limits {
  /** For one exchange, from finding the address to the end of the answer. */
  timeout: number
  /** For which others leave a delivery to whoever claimed it. */
  lease: number
  /** Deliveries to one endpoint at once. */
  perEndpoint: number
  /** Deliveries at once. */
  total: number
  /** Bytes of an answer that are read. */
  answer: number
  /** From one look at what is due to the next, when nobody says that there is something. */
  every: number
  /** For which a stop waits for what is being sent. */
  grace: number
}

/** The lease is as long as a worker that died holds up what it had claimed, the timeout what a receiver is told. */
export const usualLimits: Limits = {
  timeout: 20_000,
  lease: 60_000,
  perEndpoint: 8,
  total: 512,
  answer: 64 * 1024,
  every: 1000,
  grace: 5000
}
