import { noSuch } from '../../../protocol/errors/no-such'
import { findCharge } from './store'

export const noSuchCharge = noSuch('charge', findCharge)
