import {
  getCustomersCustomerPaymentMethods,
  postCustomers,
  postPaymentMethods,
  postPaymentMethodsPaymentMethodAttach,
  postPaymentMethodsPaymentMethodDetach,
  type PaymentMethod
} from './generated/client'

async function main(): Promise<void> {
  const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' }
  const method = await postPaymentMethods({ type: 'card', card })
  if (method.status !== 200) throw new Error(method.data.error.message)
  console.log(`created ${method.data.id} ${method.data.card?.last4 ?? ''}`)

  const customer = await postCustomers({ name: 'orval' })
  if (customer.status !== 200) throw new Error(customer.data.error.message)
  console.log(`created ${customer.data.id}`)

  const whose = { customer: customer.data.id }
  const attached = await postPaymentMethodsPaymentMethodAttach(method.data.id, whose)
  if (attached.status !== 200) throw new Error(attached.data.error.message)
  console.log(`attached ${attached.data.id} to ${idOf(attached.data.customer)}`)

  const page = { limit: 5, expand: ['data.customer'] }
  const list = await getCustomersCustomerPaymentMethods(customer.data.id, page)
  if (list.status !== 200) throw new Error(list.data.error.message)
  for (const { id, customer } of list.data.data) console.log(`listed ${id} of ${nameOf(customer)}`)

  const detached = await postPaymentMethodsPaymentMethodDetach(method.data.id)
  if (detached.status !== 200) throw new Error(detached.data.error.message)
  console.log(`detached ${detached.data.id} from ${idOf(detached.data.customer)}`)

  const nobody = { customer: 'cus_nobody' }
  const refused = await postPaymentMethodsPaymentMethodAttach('pm_card_visa', nobody)
  if (refused.status === 200) throw new Error('It was not refused.')
  const { code, param } = refused.data.error
  console.log(`refused ${refused.status} ${code ?? ''} ${param ?? ''}`)
}

type Owner = PaymentMethod['customer']

const idOf = (owner: Owner): string => (typeof owner === 'string' ? owner : (owner?.id ?? 'nobody'))

/** The name is there where the customer was expanded. */
const nameOf = (owner: Owner): string =>
  owner !== null && typeof owner === 'object' && 'name' in owner ? (owner.name ?? '') : ''

void main()
