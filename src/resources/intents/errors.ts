import { invalidRequest, type WireError } from '../../../plugins/errors/errors'

/** Intents take cards: other payment methods are saved by attaching them. */
export const cardsOnly = (param: string, type: string): WireError =>
  invalidRequest(
    `This vault confirms intents with cards only, not with payment methods of the type '${type}'.`,
    {
      param
    }
  )
