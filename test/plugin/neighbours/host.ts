import type { FastifyInstance } from 'fastify'
import type { Ask } from './send'

/** The host's own app: a shop. Some of its routes stand before the vault is mounted, the others come after it. */
export function earlyRoutes(app: FastifyInstance): void {
  app.get('/early', () => ({ open: true }))
  app.post('/early', (request) => ({ body: request.body ?? null }))
}

export function lateRoutes(app: FastifyInstance): void {
  const item = {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, price: { type: 'integer' }, tags: { type: 'array' } }
  }
  app.get('/shop', (request) => ({ query: request.query, open: true }))
  app.post('/shop/items', { schema: { body: item, response: { 200: item } } }, (request) => ({
    ...(request.body as object),
    secret: 'not in the schema'
  }))
  app.post('/shop/echo', (request) => ({ body: request.body ?? null }))
  app.get('/shop/items/:item', (request) => request.params)
  app.get('/shop/text', () => 'just text')
  app.get('/shop/fails', () => {
    throw new Error('out of order')
  })
  app.get('/shop/refuses', () => {
    throw Object.assign(new Error('a teapot'), { statusCode: 418 })
  })
  // Beside the vault's own: the prefix keeps them apart.
  app.get('/v1/customers', () => ['the shop has customers too'])
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** What the host's callers ask: each must be answered to the letter as without the vault. */
export const hostCalls: Ask[] = [
  { path: '/early' },
  { method: 'POST', path: '/early', headers: form, body: 'a[b]=c&a[d]=e' },
  { method: 'POST', path: '/early', headers: json, body: '{"__proto__":{"a":1},"b":2}' },
  { path: '/shop?created[gt]=1&list[]=a&list[]=b' },
  { path: '/shop', headers: { authorization: 'Bearer sk_test_wrong', 'stripe-version': 'nonsense' } },
  { method: 'HEAD', path: '/shop' },
  { path: '/shop/' },
  { path: '/SHOP' },
  { path: '//shop' },
  { path: '/shop/text' },
  { path: `/shop/items/${'x'.repeat(120)}` },
  { path: '/shop/items/%E4' },
  { method: 'POST', path: '/shop/items', headers: json, body: '{"name":["a"],"price":"12","color":"red"}' },
  { method: 'POST', path: '/shop/items', headers: json, body: '{"price":"cheap"}' },
  { method: 'POST', path: '/shop/items', headers: form, body: 'name=cup&price=3' },
  { method: 'POST', path: '/shop/echo', headers: form, body: 'card[number]=4242424242424242&x[]=1' },
  { method: 'POST', path: '/shop/echo', headers: json, body: '{"broken' },
  { method: 'POST', path: '/shop/echo', headers: { 'content-type': 'text/csv' }, body: 'a,b' },
  { method: 'POST', path: '/shop/echo', headers: json, body: JSON.stringify('x'.repeat(2000)) },
  { method: 'DELETE', path: '/shop' },
  { path: '/shop/fails' },
  { path: '/shop/refuses' },
  { path: '/nowhere' },
  { path: '/v1/customers' },
  { path: '/v1/payment_methods' },
  { path: '/%zz' },
  {
    method: 'OPTIONS',
    path: '/shop',
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' }
  },
  { path: '/shop', headers: { origin: 'https://shop.example', cookie: 'basket=1' } }
]
