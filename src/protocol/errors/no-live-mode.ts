import { WireError } from '../../../plugins/errors/errors'

export const noLiveMode = (): WireError =>
  new WireError(403, {
    type: 'invalid_request_error',
    message: 'Live mode is not served here. A server says at its start what live mode needs.'
  })
