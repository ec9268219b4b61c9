import { WireError } from '../../plugins/errors/errors'
import { CardRefused } from './card-processor'

/**
 * Calls the processor and waits at most `milliseconds`. Throws a card refusal unchanged. Throws a retryable
 * 503 for any other failure, after which the outcome at the processor is unknown.
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
