import { noSuch } from '../../protocol/errors/no-such'
import { refusal } from '../../protocol/errors/refusal'
import { findEvent } from './read-store'

export const noSuchEvent = noSuch('event', findEvent, { deletable: true })

export const typeAndTypes = refusal({
  code: 'parameters_exclusive',
  message: 'You may only specify one of these parameters: type, types.',
  why: '`type` and `types` at once'
})

/** The most types that one call can ask for. */
export const mostTypes = 20

export const tooManyTypes = refusal({
  param: 'types',
  message: `At most ${mostTypes} types may be asked for at once.`
})
