import { invalidRequest } from '../../../../plugins/errors/errors'
import { abbreviated } from '../../../../plugins/params/parameter-errors'
import { refuseOptions } from '../card-options'
import { refuseUnsupported, unsupported } from '../../../protocol/errors/unsupported'
import { type CommonSetupIntentParams, unsupportedParams } from './schema'

/** Throws for what is documented and can't be done here, named one by one. */
export function refuseImpossible(params: CommonSetupIntentParams): void {
  refuseUnsupported(params, unsupportedParams)
  // It would attach the payment method to the account itself, to be paid out to.
  if (params.attach_to_self) throw unsupported('attach_to_self')
  if (params.flow_directions?.includes('outbound')) throw unsupported('flow_directions')
  const other = params.payment_method_types?.find((type) => type !== 'card')
  if (other !== undefined) {
    throw invalidRequest(
      `The payment method type '${abbreviated(other)}' can not be set up in this vault: it sets cards up.`,
      { param: 'payment_method_types' }
    )
  }
  refuseOptions(params.payment_method_options)
}
