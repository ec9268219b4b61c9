import { CardRefused } from '../../../processor/card-processor'

/** The card's holder would have to be asked, and is not there. */
export const authenticationRequired = (): CardRefused =>
  new CardRefused({
    code: 'authentication_required',
    decline_code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.'
  })

/** The card's holder would have to be asked, and the caller has no way to. */
export const actionNotHandled = (): CardRefused =>
  new CardRefused({
    code: 'authentication_required',
    decline_code: 'authentication_not_handled',
    message:
      "This payment required an authentication action to complete, but `error_on_requires_action` was set. When you're ready, you can upgrade your integration to handle actions at https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions."
  })
