/** The server can't start, and the message is the one sentence that whoever started it needs to read. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
