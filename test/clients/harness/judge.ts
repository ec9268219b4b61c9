import assert from 'node:assert/strict'
import type { Vault } from './vault'

const said =
  /^created (?<method>pm_\w+) 4242\ncreated (?<customer>cus_\w+)\nattached \k<method> to \k<customer>\nlisted \k<method> of (?<name>.+)\ndetached \k<method> from nobody\nrefused 400 resource_missing customer\n$/

/** Whether a program has done what it says: by its words, which are the same in every language, and by the vault's. */
export async function judge(output: string, name: string, vault: Vault): Promise<void> {
  const told = said.exec(output)?.groups
  if (told === undefined) throw new Error(`The program said something else:\n${output}`)
  assert.equal(told.name, name, 'the name of the customer whose list it is')
  const { method, customer } = told as { method: string; customer: string }
  const found = await ask<{ customer: null; card: { last4: string } }>(`payment_methods/${method}`, vault)
  assert.equal(found.customer, null, 'nobody has it now')
  assert.equal(found.card.last4, '4242')
  assert.equal((await ask<{ name: string }>(`customers/${customer}`, vault)).name, name)
  for (const change of ['attached', 'detached']) {
    const { data } = await ask<{ data: { data: { object: { id: string } } }[] }>(
      `events?limit=100&type=payment_method.${change}`,
      vault
    )
    assert.equal(data.filter((event) => event.data.object.id === method).length, 1, `it was ${change} once`)
  }
}

async function ask<Answer>(path: string, vault: Vault): Promise<Answer> {
  const response = await fetch(`${vault.url}/v1/${path}`, {
    headers: { authorization: `Bearer ${vault.key}` }
  })
  assert.equal(response.status, 200, path)
  return (await response.json()) as Answer
}
