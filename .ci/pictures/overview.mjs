import { box, label, picture } from './svg.mjs'

export function overview() {
  const boxes = [
    [
      { x: 20, y: 40, w: 280, h: 54 },
      'Stripe SDKs, generated clients',
      'HTTP, Stripe wire protocol',
      'inner'
    ],
    [{ x: 20, y: 130, w: 280, h: 54 }, 'Your Fastify app', 'app.paymentVault, listeners, hooks', 'inner'],
    [{ x: 400, y: 40, w: 250, h: 144 }, 'fastify-payment-vault', 'plugin or stand-alone server', 'room'],
    [{ x: 750, y: 20, w: 280, h: 54 }, 'Your Postgres', 'cards as tokens, customers, events', 'inner'],
    [{ x: 750, y: 88, w: 280, h: 54 }, 'Your card processor', 'knows numbers, moves money', 'inner'],
    [{ x: 750, y: 156, w: 280, h: 54 }, 'Webhook endpoints', 'signed events, at least once', 'inner']
  ]
  const lines = [
    [300, 67, 400],
    [300, 157, 400],
    [650, 60, 750, 47],
    [650, 112, 750, 115],
    [650, 164, 750, 183]
  ]
  const title =
    'Stripe SDKs and your app call the vault; the vault uses your Postgres and your card processor, and sends webhooks'
  return picture({ width: 1050, height: 230, title }, [
    ...lines.map(
      ([x, y, toX, toY = y]) => `<line x1="${x}" y1="${y}" x2="${toX - 4}" y2="${toY}" class="arrow"/>`
    ),
    ...boxes.flatMap(([at, name, what, kind]) => [
      box(at, kind),
      label(at.x + 12, at.y + 23, name, ' class="name"'),
      label(at.x + 12, at.y + 42, what)
    ]),
    label(412, 110, 'one attach = one transaction:'),
    label(412, 130, 'idempotency key, change, event')
  ])
}
