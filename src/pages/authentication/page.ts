import { money } from '../../resources/intents/payment/currencies'
import type { AuthenticatedIntent } from './intents'

/** Returns the content security policy: the page loads only its own style. Its form may redirect anywhere. */
export const contentPolicy = (style: string): string =>
  `default-src 'none'; style-src '${style}'; base-uri 'none'`

/** Returns the page on which a tester passes or fails the authentication of a card. */
export const choicePage = (intent: AuthenticatedIntent): string =>
  page(
    'Test authentication',
    `<p>${description(intent)} With a real card, the cardholder would now authenticate with their bank.
Here you choose the result.</p>
<form method="post">
<button name="outcome" value="succeeded" autofocus>Complete authentication</button>
<button name="outcome" value="failed" class="second">Fail authentication</button>
</form>
<p class="small">${escaped(intent.id)} · test mode</p>`
  )

/** Returns a page with one message, for an authentication without a return URL. */
export const messagePage = (title: string, text: string): string =>
  page(title, `<p role="status">${escaped(text)}</p>`)

function description({ amount, currency }: AuthenticatedIntent): string {
  if (amount === undefined || currency === undefined)
    return 'The vault is setting up a card for later payments.'
  return `A payment of <strong>${escaped(money(amount, currency))}</strong> is waiting.`
}

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
</body>
</html>
`

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** The style of the pages, for light and dark mode. */
export const pageStyle = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 28rem; margin: 12vh auto 0; padding: 0 1rem }
h1 { font-size: 1.4rem }
form { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 }
button { font: inherit; padding: .6rem 1rem; border: 1px solid; border-radius: .4rem; cursor: pointer;
  background: #0b57d0; color: #fff; border-color: #0b57d0 }
button.second { background: transparent; color: inherit; border-color: currentColor }
button:focus-visible { outline: 3px solid #f9ab00; outline-offset: 2px }
.small { font-size: .85rem; opacity: .75 }
`
