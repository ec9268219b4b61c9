import { money } from '../../resources/intents/payment/currencies'
import type { AuthenticatedIntent } from './intents'

/** What the page may load: nothing but its own style. It sends its form, and may be led anywhere from there. */
export const contentPolicy = (style: string): string =>
  `default-src 'none'; style-src '${style}'; base-uri 'none'`

/** Asks whoever tests to be the holder of the card: they pass the authentication, or fail it. */
export const askingPage = (intent: AuthenticatedIntent): string =>
  page(
    'Test authentication',
    `<p>${what(intent)} A real card's holder would now prove to their bank that it is them.
Here you choose how that ends.</p>
<form method="post">
<button name="outcome" value="succeeded" autofocus>Complete authentication</button>
<button name="outcome" value="failed" class="second">Fail authentication</button>
</form>
<p class="small">${escaped(intent.id)} · test mode</p>`
  )

/** Says what came of it, where there is no page to go back to. */
export const endedPage = (title: string, text: string): string =>
  page(title, `<p role="status">${escaped(text)}</p>`)

function what({ amount, currency }: AuthenticatedIntent): string {
  if (amount === undefined || currency === undefined) return 'A card is set up to be charged later.'
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

/** Readable in the dark and in the light. */
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
