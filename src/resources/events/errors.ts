import { noSuch } from '../../protocol/errors/no-such'
import { findEvent } from './read-store'

export const noSuchEvent = noSuch('event', findEvent, { deletable: true })
