import { Api, type Error as Refusal, type HttpResponse, type PaymentMethod } from './generated/client'

const { v1: vault } = new Api({
  baseUrl: process.env.VAULT_URL ?? 'http://127.0.0.1:4242',
  baseApiParams: { headers: { authorization: `Bearer ${process.env.VAULT_KEY ?? ''}` } }
})

async function main(): Promise<void> {
  const { data: method } = await vault.postPaymentMethods({ type: 'card', card: { token: 'tok_visa' } })
  console.log(`created ${method.id} ${method.card?.last4 ?? ''}`)

  const { data: customer } = await vault.postCustomers({ name: 'swagger-typescript-api' })
  console.log(`created ${customer.id}`)

  const whose = { customer: customer.id }
  const { data: attached } = await vault.postPaymentMethodsPaymentMethodAttach(method.id, whose)
  console.log(`attached ${attached.id} to ${idOf(attached.customer)}`)

  const page = { limit: 5, expand: ['data.customer'] }
  const { data: list } = await vault.getCustomersCustomerPaymentMethods(customer.id, page)
  for (const { id, customer } of list.data) console.log(`listed ${id} of ${nameOf(customer)}`)

  const { data: detached } = await vault.postPaymentMethodsPaymentMethodDetach(method.id)
  console.log(`detached ${detached.id} from ${idOf(detached.customer)}`)

  try {
    await vault.postPaymentMethodsPaymentMethodAttach('pm_card_visa', { customer: 'cus_nobody' })
  } catch (thrown) {
    // What this client throws is the answer.
    const { status, error } = thrown as HttpResponse<PaymentMethod, Refusal>
    console.log(`refused ${status} ${error.error.code ?? ''} ${error.error.param ?? ''}`)
  }
}

type Owner = PaymentMethod['customer']

const idOf = (owner: Owner): string => (typeof owner === 'string' ? owner : (owner?.id ?? 'nobody'))

/** The name is there where the customer was expanded. */
const nameOf = (owner: Owner): string =>
  owner !== null && typeof owner === 'object' && 'name' in owner ? (owner.name ?? '') : ''

void main()
