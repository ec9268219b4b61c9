import { client } from './generated/client.gen'
import {
  getCustomersCustomerPaymentMethods,
  postCustomers,
  postPaymentMethods,
  postPaymentMethodsPaymentMethodAttach,
  postPaymentMethodsPaymentMethodDetach
} from './generated/sdk.gen'
import type { PaymentMethod } from './generated/types.gen'

client.setConfig({
  baseUrl: process.env.VAULT_URL ?? 'http://127.0.0.1:4242',
  auth: process.env.VAULT_KEY ?? ''
})

async function main(): Promise<void> {
  const { data: method } = await postPaymentMethods({
    body: { type: 'card', card: { token: 'tok_visa' } },
    throwOnError: true
  })
  console.log(`created ${method.id} ${method.card?.last4 ?? ''}`)

  const { data: customer } = await postCustomers({ body: { name: 'hey-api' }, throwOnError: true })
  console.log(`created ${customer.id}`)

  const path = { payment_method: method.id }
  const body = { customer: customer.id }
  const { data: attached } = await postPaymentMethodsPaymentMethodAttach({ path, body, throwOnError: true })
  console.log(`attached ${attached.id} to ${idOf(attached.customer)}`)

  const query = { limit: 5, expand: ['data.customer'] }
  const { data: list } = await getCustomersCustomerPaymentMethods({ path: body, query, throwOnError: true })
  for (const { id, customer } of list.data) console.log(`listed ${id} of ${nameOf(customer)}`)

  const { data: detached } = await postPaymentMethodsPaymentMethodDetach({ path, throwOnError: true })
  console.log(`detached ${detached.id} from ${idOf(detached.customer)}`)

  const { error, response } = await postPaymentMethodsPaymentMethodAttach({
    path: { payment_method: 'pm_card_visa' },
    body: { customer: 'cus_nobody' }
  })
  console.log(`refused ${response?.status ?? 0} ${error?.error.code ?? ''} ${error?.error.param ?? ''}`)
}

type Owner = PaymentMethod['customer']

const idOf = (owner: Owner): string => (typeof owner === 'string' ? owner : (owner?.id ?? 'nobody'))

/** The name is there where the customer was expanded. */
const nameOf = (owner: Owner): string =>
  owner !== null && typeof owner === 'object' && 'name' in owner ? (owner.name ?? '') : ''

void main()
