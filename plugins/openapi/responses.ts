import { mapOperations, mapValues, type OpenApiDocument } from './shape'

/** The codes of some errors; null is to have none. */
export type ErrorCodes = (string | null)[]

interface ResponseDetails {
  description: string
  codes?: ErrorCodes
  example?: object
}

const details = 'x-words'

/** What a route's response says beside its schema, which may be a reference alone. */
export const responseDetails = (said: ResponseDetails): { [details]: ResponseDetails } => ({
  [details]: said
})

/** The same for the operation: @fastify/swagger keeps no more of a response that refers to a component. */
export const operationDetails = (
  responses: object
): { [details]: Record<string, ResponseDetails | undefined> } => ({
  [details]: Object.fromEntries(
    Object.entries(responses).map(
      ([status, { [details]: said }]: [string, { [details]?: ResponseDetails }]) => [status, said]
    )
  )
})

/** Gives each response its own words, its example, and the codes that are in it where it is an error. */
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
