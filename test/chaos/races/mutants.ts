import { inFunctions, type Mutant } from '../harness/mutants'

/** Ways to break the rule by which a payment method becomes a customer's. */
export const raceMutants: Mutant[] = [
  {
    name: 'attach reads the state before it locks the row',
    // What a subquery has seen is not looked at again after a wait.
    database: inFunctions(
      ['attach', 'attach_together'],
      /attachable\(m\.state, /,
      `attachable((select x.state from payment_vault.payment_methods x
                   where x.account_id = m.account_id and x.id = m.id), `
    )
  },
  {
    name: 'attach accepts a detached payment method',
    database: inFunctions(['attachable'], /p_state = 'unattached'/, "p_state in ('unattached', 'detached')")
  },
  {
    name: 'attach does not lock the customer',
    database: inFunctions(['attach', 'attach_together'], /for key share/, '')
  },
  {
    name: 'delete does not lock the customer',
    program: { file: 'src/resources/customers/store.ts', from: '\n   for update`', to: '`' }
  },
  {
    name: 'attach accepts a payment method that a set-up holds',
    database: inFunctions(['attachable'], /and p_held_by is null/, '')
  },
  {
    name: 'attach writes no event when it is alone',
    database: inFunctions(['attach'], /perform payment_vault\.write_event\([^;]*;/, '')
  },
  {
    name: 'detach does not check the state',
    database: inFunctions(['detach'], /and m\.state = 'attached'\s+and m\.customer_id = detach\.customer/, '')
  }
]
