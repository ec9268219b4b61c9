/** The page's style, for light and dark mode. Every colour that carries a meaning has a text beside it. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --panel: #fff; --line: #dde1e6; --text: #16191d; --quiet: #59616b;
  --accent: #0b57d0; --on-accent: #fff; --good: #0a6b36; --bad: #b3261e; --wait: #7a4d00;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  font: 14px/1.45 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1215; --panel: #171b20; --line: #2c333b; --text: #e8eaed; --quiet: #a3adb8;
    --accent: #8ab4f8; --on-accent: #0b1a33; --good: #6dd58c; --bad: #f2b8b5; --wait: #f5c86b;
  }
}
* { box-sizing: border-box }
[hidden] { display: none !important }
body { margin: 0; background: var(--page); color: var(--text) }
h1 { font-size: 1rem; margin: 0 }
h2 { font-size: .9rem; margin: 0 0 .6rem }
h3 { font-size: .9rem; margin: 0 0 .5rem; overflow-wrap: anywhere }
.id { font: .8rem/1.4 var(--mono); color: var(--quiet) }
.none { color: var(--quiet); margin: 0 }
.good { color: var(--good) } .bad { color: var(--bad) } .wait { color: var(--wait) }
label { color: var(--quiet) }
input, select, button { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line);
  border-radius: .35rem; padding: .3rem .55rem; max-width: 100% }
button { font-size: .85rem; padding: .2rem .6rem; cursor: pointer }
button:hover { border-color: var(--quiet) }
form button { font-size: inherit; padding: .3rem .9rem; background: var(--accent); color: var(--on-accent);
  border-color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }

header { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; padding: .6rem 1.25rem; min-height: 3rem;
  background: var(--panel); border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 1 }
header form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center }
.mode { font-size: .75rem; padding: 0 .5rem; border: 1px solid; border-radius: 1rem; color: var(--wait) }
#state { color: var(--quiet); margin-right: auto }
#state.on { color: var(--good) }
#state.on::before { content: '● ' / '' }
#state.off { color: var(--bad) }

main { display: grid; gap: 1rem; padding: 1rem 1.25rem; max-width: 92rem; margin: 0 auto;
  grid-template-columns: minmax(0, 5fr) minmax(0, 3fr); align-items: start }
.column { display: grid; gap: 1rem; align-content: start; min-width: 0 }
section { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; min-width: 0 }
.title { display: flex; justify-content: space-between; align-items: start; gap: 1rem }

#customers { max-height: 27rem; overflow: auto }
.customer { padding: .75rem 0 }
.customer + .customer { border-top: 1px solid var(--line) }
.customer:first-child { padding-top: 0 }
.customer .id { font-weight: 400; margin-left: .35rem }
.cards { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; margin: 0; padding: 0 }
.card { --from: #454d59; --to: #1d2228; width: 13.25rem; aspect-ratio: 1.586; border-radius: .7rem; padding: .7rem .85rem;
  color: #fff; position: relative; display: grid; grid-template-rows: auto 1fr auto;
  background: linear-gradient(135deg, var(--from), var(--to)); box-shadow: 0 1px 3px rgb(0 0 0 / .25) }
.card.visa { --from: #2548b8; --to: #0a1c5c }
.card.mastercard { --from: #93320f; --to: #3a1122 }
.card.amex { --from: #126a80; --to: #0a3340 }
.card.discover, .card.diners { --from: #80500f; --to: #3d2409 }
.card.jcb, .card.unionpay { --from: #14663f; --to: #0a3050 }
.card.expired { --from: #5a5f66; --to: #3b4046 }
.card .brand { font-weight: 700; letter-spacing: .02em; text-transform: capitalize }
.card .digits { align-self: center; font: .95rem/1 var(--mono); white-space: nowrap }
.card .foot { display: flex; justify-content: space-between; font-size: .8rem }
.card .default { position: absolute; top: .75rem; right: .8rem; font-size: .7rem; padding: .05rem .45rem; border-radius: 1rem;
  background: #fff; color: #16191d }

#requests { list-style: none; margin: 0; padding: 0; max-height: 30rem; overflow: auto }
#requests summary { display: grid; grid-template-columns: 4.3rem 3.2rem 2.2rem minmax(0, 1fr) auto auto; gap: .6rem;
  align-items: center; padding: .22rem .3rem; border-radius: .3rem; font: .82rem/1.4 var(--mono); cursor: pointer }
#requests summary:hover, #requests details[open] summary { background: var(--page) }
#requests summary:focus-visible { outline-offset: -2px }
#requests .path { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
#requests time, #requests .took { color: var(--quiet) }
#requests .took { min-width: 4.5rem; text-align: right }
#requests p { margin: .4rem .3rem }
#requests pre { margin: 0 0 .5rem; padding: .6rem .75rem; background: var(--page); border-radius: .4rem; overflow: auto;
  font: .8rem/1.45 var(--mono) }
.replay { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .45rem; font-size: .72rem; color: var(--quiet) }

.attach form { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .5rem .75rem; align-items: center }
.attach .check, .attach form button { grid-column: 2; justify-self: start }
#answer { display: block; overflow-wrap: anywhere }
#answer:not(:empty) { margin-top: .75rem }

#events { list-style: none; margin: 0; padding: 0; max-height: 36rem; overflow: auto }
#events li { padding: .45rem .2rem; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 .75rem; align-items: center }
#events li + li { border-top: 1px solid var(--line) }
#events strong { font-weight: 600; overflow-wrap: anywhere }
#events .about { grid-column: 1; font-size: .85rem; overflow-wrap: anywhere }
#events button { grid-row: 1 / span 2; grid-column: 2 }

@media (max-width: 60rem) {
  main { grid-template-columns: minmax(0, 1fr); padding: .75rem }
  header { padding: .6rem .75rem }
}
@media (max-width: 34rem) {
  #requests summary { grid-template-columns: 3.2rem 2.2rem minmax(0, 1fr) auto }
  #requests time, #requests .took { display: none }
  .attach form { grid-template-columns: minmax(0, 1fr) }
  .attach .check, .attach form button { grid-column: 1 }
}
`
