import type { PaymentIntentRow } from './store'

/** Whether the card is to be kept, for what: said of cards, or of the whole payment. */
export function futureUsageOf({ details }: PaymentIntentRow): 'off_session' | 'on_session' | null {
  const ofCard = details.card_options.setup_future_usage
  return ofCard === 'none' ? null : (ofCard ?? details.setup_future_usage)
}

/** Whether the amount is only reserved at first. */
export const capturesLater = ({ details }: PaymentIntentRow): boolean =>
  (details.card_options.capture_method ?? details.capture_method) === 'manual'
