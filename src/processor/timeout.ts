import { WireError } from '../../plugins/errors/errors'
import { CardRefused } from './card-processor'

/**
 * Asks the processor, and waits `milliseconds` at most. A refusal of the card is thrown as it is. Whatever else goes
 * wrong is a 503 that the caller should try again: what the processor did is not known then.
 */
export async function withTimeout<T>(milliseconds: number, ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the processor did not answer within ${milliseconds} ms`))
    }, milliseconds)
  })
  try {
    return await Promise.race([ask(), late])
  } catch (error) {
    if (error instanceof CardRefused) throw error
    throw processorFailed(error)
  } finally {
    clearTimeout(timer)
  }
}

function processorFailed(cause: unknown): WireError {
  const error = new WireError(
    503,
    {
      type: 'api_error',
      message:
        'The payment processor gave no answer. Please try again with the same idempotency key: nothing is done twice.'
    },
    { shouldRetry: true }
  )
  error.cause = cause
  return error
}
