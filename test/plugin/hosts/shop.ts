import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto'
import jwt from '@fastify/jwt'
import { type TypeBoxTypeProvider, Type } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Pool, PoolClient } from 'pg'
import { AttachRefused, type BeforeAttach, paymentVault, type PaymentVaultError } from '../../../src/index'

// A shop with users who log in and save cards. A browser gives the card to the vault itself, by the user's token: the shop
// never sees the number. The shop then saves it for the user, in one transaction with rows of its own.

/** In the vault the shop is one account, and each of its users a customer. */
const shopAccount = { account: 'acct_shop', livemode: false }
const mostCards = 5

const tables = `
  create table if not exists public.users (
    id text primary key, email text not null unique, password text not null, customer text not null unique
  );
  create table if not exists public.cards (
    id text primary key, owner text not null references public.users, label text not null
  )`

interface User {
  id: string
  password: string
  customer: string
}

export interface Shop {
  app: FastifyInstance
  /** What the shop would send by mail. */
  mails: string[]
}

export async function shop(pool: Pool, secrets: { jwt: string; fingerprintKey: string }): Promise<Shop> {
  await pool.query(tables)
  const app = Fastify({ routerOptions: { maxParamLength: 5000 } }).withTypeProvider<TypeBoxTypeProvider>()
  await app.register(jwt, { secret: secrets.jwt })
  const mails: string[] = []

  const userOf = async (request: FastifyRequest): Promise<User> => {
    const { sub } = await request.jwtVerify<{ sub: string }>()
    const { rows } = await pool.query<User>('select * from public.users where id = $1', [sub])
    if (!rows[0]) throw Object.assign(new Error('Log in again.'), { statusCode: 401 })
    return rows[0]
  }

  await app.register(paymentVault, {
    pool,
    fingerprintKey: secrets.fingerprintKey,
    prefix: '/billing',
    // A user may do in the vault what a publishable key may: hand in a card.
    authenticate: async (request) => {
      await userOf(request)
      return { ...shopAccount, publishable: true }
    },
    beforeAttach: refuseTooMany
  })
  app.paymentVault.on('payment_method.attached', ({ data: { object } }) => {
    mails.push(`A card was saved: ${object.card?.brand} …${object.card?.last4}`)
  })

  const credentials = Type.Object({ email: Type.String(), password: Type.String({ minLength: 8 }) })
  app.post('/users', { schema: { body: credentials } }, async ({ body: { email, password } }, reply) => {
    const id = randomUUID()
    // No user without a customer, and no customer without a user.
    await within(pool, async (tx) => {
      const customer = await app.paymentVault.customers.create({ email }, { ...shopAccount, tx })
      const values = [id, email, hashed(password), customer.id]
      const { rowCount } = await tx.query(
        'insert into public.users values ($1, $2, $3, $4) on conflict do nothing',
        values
      )
      if (rowCount === 0) throw Object.assign(new Error('There is such a user.'), { statusCode: 409 })
    })
    return reply.code(201).send({ id })
  })

  app.post('/login', { schema: { body: credentials } }, async ({ body: { email, password } }, reply) => {
    const { rows } = await pool.query<User>('select * from public.users where email = $1', [email])
    if (!rows[0] || !isRight(password, rows[0].password)) return reply.code(401).send({ message: 'No.' })
    return { token: app.jwt.sign({ sub: rows[0].id }, { expiresIn: '1h' }) }
  })

  const newCard = Type.Object({ payment_method: Type.String(), label: Type.String({ minLength: 1 }) })
  app.post('/me/cards', { schema: { body: newCard } }, async (request, reply) => {
    const { id, customer } = await userOf(request)
    const { payment_method, label } = request.body
    const saved = await within(pool, async (tx) => {
      const attached = await app.paymentVault.paymentMethods.attach(
        { payment_method, customer },
        { ...shopAccount, tx }
      )
      await tx.query('insert into public.cards values ($1, $2, $3)', [attached.id, id, label])
      return attached
    })
    return reply.code(201).send({ id: saved.id, label, last4: saved.card?.last4 })
  })

  app.get('/me/cards', async (request) => {
    const { id, customer } = await userOf(request)
    const { rows } = await pool.query<{ id: string; label: string }>(
      'select id, label from public.cards where owner = $1',
      [id]
    )
    const { data } = await app.paymentVault.customers.listPaymentMethods(
      { customer, limit: 100 },
      shopAccount
    )
    return data.map(({ id, card }) => ({
      id,
      label: rows.find((row) => row.id === id)?.label,
      last4: card?.last4
    }))
  })

  app.delete(
    '/me/cards/:id',
    { schema: { params: Type.Object({ id: Type.String() }) } },
    async (request, reply) => {
      const user = await userOf(request)
      const { id: payment_method } = request.params
      await within(pool, async (tx) => {
        const { rowCount } = await tx.query('delete from public.cards where id = $1 and owner = $2', [
          payment_method,
          user.id
        ])
        if (rowCount === 0) throw Object.assign(new Error('You have no such card.'), { statusCode: 404 })
        await app.paymentVault.paymentMethods.detach({ payment_method }, { ...shopAccount, tx })
      })
      return reply.code(204).send()
    }
  )

  // What the vault refuses, the shop's own clients are told in the shop's own way.
  app.setErrorHandler<Error & Partial<PaymentVaultError>>((error, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ message: error.message, code: error.code })
  )
  return { app, mails }
}

/** Runs in the transaction of every attach. The user's row is held, so that no two count at once. */
const refuseTooMany: BeforeAttach = async (tx, { customer }) => {
  await tx.query('select from public.users where customer = $1 for update', [customer])
  const { rowCount } = await tx.query(
    'select from public.cards join public.users u on u.id = owner where u.customer = $1',
    [customer]
  )
  if ((rowCount ?? 0) < mostCards) return
  throw new AttachRefused({
    message: `You can save ${mostCards} cards.`,
    status: 403,
    code: 'too_many_cards'
  })
}

async function within<T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  const tx = await pool.connect()
  try {
    await tx.query('begin')
    const value = await work(tx)
    await tx.query('commit')
    return value
  } catch (error) {
    await tx.query('rollback')
    throw error
  } finally {
    tx.release()
  }
}

function hashed(password: string, salt = randomBytes(16).toString('hex')): string {
  return `${salt}:${scryptSync(password, salt, 32).toString('hex')}`
}

const isRight = (password: string, kept: string): boolean =>
  timingSafeEqual(Buffer.from(hashed(password, kept.split(':', 1)[0])), Buffer.from(kept))
