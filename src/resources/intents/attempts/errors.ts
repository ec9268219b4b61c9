import { noSuch } from '../../../protocol/errors/no-such'
import { findSetupAttempt } from './store'

export const noSuchSetupAttempt = noSuch('setup_attempt', findSetupAttempt)
