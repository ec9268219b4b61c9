import createClient from 'openapi-fetch'
import type { components, paths } from './generated/schema'

const vault = createClient<paths>({
  baseUrl: process.env.VAULT_URL ?? 'http://127.0.0.1:4242',
  headers: { authorization: `Bearer ${process.env.VAULT_KEY ?? ''}` }
})

async function main(): Promise<void> {
  const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' }
  const method = done(await vault.POST('/v1/payment_methods', { body: { type: 'card', card } }))
  console.log(`created ${method.id} ${method.card?.last4 ?? ''}`)

  const customer = done(await vault.POST('/v1/customers', { body: { name: 'openapi-fetch' } }))
  console.log(`created ${customer.id}`)

  const path = { payment_method: method.id }
  const body = { customer: customer.id }
  const attached = done(
    await vault.POST('/v1/payment_methods/{payment_method}/attach', { params: { path }, body })
  )
  console.log(`attached ${attached.id} to ${idOf(attached.customer)}`)

  const params = { path: body, query: { limit: 5, expand: ['data.customer'] } }
  const list = done(await vault.GET('/v1/customers/{customer}/payment_methods', { params }))
  for (const { id, customer } of list.data) console.log(`listed ${id} of ${nameOf(customer)}`)

  const detached = done(await vault.POST('/v1/payment_methods/{payment_method}/detach', { params: { path } }))
  console.log(`detached ${detached.id} from ${idOf(detached.customer)}`)

  const { error, response } = await vault.POST('/v1/payment_methods/{payment_method}/attach', {
    params: { path: { payment_method: 'pm_card_visa' } },
    body: { customer: 'cus_nobody' }
  })
  console.log(`refused ${response.status} ${error?.error.code ?? ''} ${error?.error.param ?? ''}`)
}

function done<Data>(answer: { data?: Data; error?: components['schemas']['error'] }): Data {
  if (answer.data === undefined) throw new Error(answer.error?.error.message)
  return answer.data
}

type Owner = components['schemas']['payment_method']['customer']

const idOf = (owner: Owner): string => (typeof owner === 'string' ? owner : (owner?.id ?? 'nobody'))

/** The name is there where the customer was expanded. */
const nameOf = (owner: Owner): string =>
  owner !== null && typeof owner === 'object' && 'name' in owner ? (owner.name ?? '') : ''

void main()
