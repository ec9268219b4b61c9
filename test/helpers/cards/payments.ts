import { type Reply, type TestVault, typedCard } from '../vault'

/** A payment intent, or another object, or an error: what tests use of them is typed, as if it were all there. */
export interface Shown extends Record<string, unknown> {
  id: string
  amount: number
  client_secret: string
  created: number
  latest_charge: string
  payment_method: string
  error: { charge: string; message: string; param?: string; payment_intent: Shown } & Record<string, unknown>
}

export type Answered = Omit<Reply, 'body'> & { body: Shown }

/** A new payment method of this number, typed in with a CVC; its id. */
export async function newCard(vault: TestVault, number = typedCard.number): Promise<string> {
  const cvc = number.startsWith('37') ? '1234' : '123'
  const made = await vault.post('/v1/payment_methods', { type: 'card', card: { ...typedCard, number, cvc } })
  return String(made.body.id)
}

export const newCustomer = async (vault: TestVault): Promise<string> =>
  String((await vault.post('/v1/customers')).body.id)

/** A card that is attached to a customer of its own. */
export async function savedCard(
  vault: TestVault,
  number?: string
): Promise<{ customer: string; payment_method: string }> {
  const [payment_method, customer] = await Promise.all([newCard(vault, number), newCustomer(vault)])
  await vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer })
  return { customer, payment_method }
}

/** Asks for 20 dollars. */
export const pay = async (
  vault: TestVault,
  params: object = {},
  headers: Record<string, string> = {}
): Promise<Answered> =>
  (await vault.post(
    '/v1/payment_intents',
    { amount: 2000, currency: 'usd', ...params },
    { headers }
  )) as Answered

/** The same, confirmed at once with a new card. */
export const paid = async (vault: TestVault, params: object = {}): Promise<Shown> =>
  (await pay(vault, { payment_method: await newCard(vault), confirm: true, ...params })).body

export const chargeOf = async (vault: TestVault, intent: Shown): Promise<Shown> =>
  (await vault.get(`/v1/charges/${intent.latest_charge}`)).body as Shown

/** The objects of a list. */
export const dataOf = ({ body }: Pick<Reply, 'body'>): Shown[] => body.data as Shown[]
