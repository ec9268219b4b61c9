import { mapOperations, mapValues, type OpenApiDocument } from './shape'

/** Error codes; null stands for an error without a code. */
export type ErrorCodes = (string | null)[]

interface ResponseDetails {
  description: string
  codes?: ErrorCodes
  example?: object
}

const details = 'x-words'

/** Returns the details of a route's response, for its schema, which may be only a reference. */
export const responseDetails = (said: ResponseDetails): { [details]: ResponseDetails } => ({
  [details]: said
})

/**
 * Returns the details of all responses, for the operation: @fastify/swagger drops them from a response that
 * is a reference.
 */
export const operationDetails = (
  responses: object
): { [details]: Record<string, ResponseDetails | undefined> } => ({
  [details]: Object.fromEntries(
    Object.entries(responses).map(
      ([status, { [details]: said }]: [string, { [details]?: ResponseDetails }]) => [status, said]
    )
  )
})

/** Gives each response its description, its example and its error codes. */
export const describeResponses = (document: OpenApiDocument): OpenApiDocument =>
  mapOperations(document, ({ [details]: said, ...operation }) => ({
    ...operation,
    responses: mapValues(operation.responses, (response, status) => {
      const own = (said as Record<string, ResponseDetails | undefined>)[status]
      const { description, codes, example }: ResponseDetails = own ?? { description: response.description }
      const content = mapValues(response.content, (media) => ({ ...media, ...(example && { example }) }))
      return { description, ...(codes && { 'x-error-codes': codes }), content }
    })
  }))
