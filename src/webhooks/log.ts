/** As much of a logger like pino as deliveries need. */
export interface Log {
  warn(details: object, message: string): void
  debug(details: object, message: string): void
}
