import { mapOperations, mapValues, type OpenApiDocument } from './shape'

/** The codes of some errors; null is to have none. */
export type ErrorCodes = (string | null)[]

interface Words {
  description: string
  codes?: ErrorCodes
  example?: object
}

const words = 'x-words'

/** What a route's response says beside its schema, which may be a reference alone. */
export const responseWords = (said: Words): { [words]: Words } => ({ [words]: said })

/** The same for the operation: @fastify/swagger keeps no more of a response that refers to a component. */
export const wordsOf = (responses: object): { [words]: Record<string, Words | undefined> } => ({
  [words]: Object.fromEntries(
    Object.entries(responses).map(([status, { [words]: said }]: [string, { [words]?: Words }]) => [
      status,
      said
    ])
  )
})

/** Gives each response its own words, its example, and the codes that are in it where it is an error. */
export const describeResponses = (document: OpenApiDocument): OpenApiDocument =>
  mapOperations(document, ({ [words]: said, ...operation }) => ({
    ...operation,
    responses: mapValues(operation.responses, (response, status) => {
      const own = (said as Record<string, Words | undefined>)[status]
      const { description, codes, example }: Words = own ?? { description: response.description }
      const content = mapValues(response.content, (media) => ({ ...media, ...(example && { example }) }))
      return { description, ...(codes && { 'x-error-codes': codes }), content }
    })
  }))
