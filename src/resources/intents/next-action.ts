import { Type } from '@sinclair/typebox'
import type { Call } from '../call'
import { newId } from '../../protocol/values/ids'
import { nullableHash, WireObject } from '../../protocol/schemas'

/** What the card's holder has to do, as an intent keeps it. */
export interface NextAction {
  /** Names this one authentication; nobody can guess it. */
  source: string
  /** Where they prove that it is them. */
  url: string
  /** Where they are sent afterwards; null where the page that they are on takes care of it. */
  return_url: string | null
}

/**
 * An authentication that begins now: at the processor's own page, or without one at the vault's, which is there in
 * test mode.
 */
export function newNextAction(
  call: Pick<Call, 'account' | 'baseUrl'>,
  intent: string,
  { return_url, url }: { return_url: string | null; url: string | undefined }
): NextAction {
  const source = newId('src')
  return { source, url: url ?? `${authenticationUrl(call, intent)}/${source}`, return_url }
}

/** Where a page of the processor's own sends people back to, whatever came of it there. */
export const processorReturnUrl = (call: Pick<Call, 'account' | 'baseUrl'>, intent: string): string =>
  `${authenticationUrl(call, intent)}/return`

/** The account and its mode are in the path, since a browser has no key. */
const authenticationUrl = ({ account, baseUrl }: Pick<Call, 'account' | 'baseUrl'>, intent: string): string =>
  `${baseUrl}/authenticate/${account.replace(':', '/')}/${intent}`

/** Keys in the wire's order. */
export function nextActionToObject(action: NextAction | null) {
  if (!action) return null
  const { source, url, return_url } = action
  if (return_url !== null) return { redirect_to_url: { return_url, url }, type: 'redirect_to_url' as const }
  return {
    type: 'use_stripe_sdk' as const,
    use_stripe_sdk: { source, stripe_js: url, type: 'three_d_secure_redirect' as const }
  }
}

export const NextActionShown = nullableHash(
  {
    redirect_to_url: Type.Optional(
      Type.Object(
        {
          return_url: Type.String({ description: 'Where the page sends them afterwards.' }),
          url: Type.String({ description: 'The page to send them to.' })
        },
        { description: 'Where to send the holder of the card.' }
      )
    ),
    type: Type.Unsafe<string>({
      type: 'string',
      enum: ['redirect_to_url', 'use_stripe_sdk'],
      description: 'What is to be done: it names the other key.'
    }),
    use_stripe_sdk: Type.Optional(
      Type.Object(
        {
          source: Type.String({ description: 'Names the authentication.' }),
          stripe_js: Type.String({ description: 'The page to send them to.' }),
          type: WireObject('three_d_secure_redirect')
        },
        { description: 'For the page that the holder of the card is on.' }
      )
    )
  },
  { description: "What the card's holder has to do before it goes on." }
)
