/** The limits for the deliveries of one process. Times are in milliseconds. */
export interface Limits {
  /** For one exchange, from the name lookup to the end of the answer. */
  timeout: number
  /** How long a claim keeps other processes from a delivery. */
  lease: number
  /** Concurrent deliveries to one endpoint. */
  perEndpoint: number
  /** Concurrent deliveries in total. */
  total: number
  /** The number of bytes read of an answer. */
  answer: number
  /** The interval at which a process polls for due deliveries. */
  every: number
  /** How long `stop` waits for running deliveries. */
  grace: number
}

/** A crashed process delays its claimed deliveries by one lease. The documentation states the timeout to receivers. */
export const defaultLimits: Limits = {
  timeout: 20_000,
  lease: 60_000,
  perEndpoint: 8,
  total: 512,
  answer: 64 * 1024,
  every: 1000,
  grace: 5000
}
