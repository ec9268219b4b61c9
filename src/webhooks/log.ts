/** The part of a pino logger that deliveries use. */
export interface Log {
  warn(details: object, message: string): void
  debug(details: object, message: string): void
}
