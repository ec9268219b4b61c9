import { randomUUID } from 'node:crypto'
import type { Random } from '../fuzz/random'
import type { Operation } from '../isolation/operations'
import { furnish } from '../isolation/world'
import type { ChaosDatabase } from '../harness/new-database'
import { sendBodies, sendNoRequests } from './bodies'
import { Client } from './client'
import { sendAccounts, sendCards, sendToSpite } from './lives'
import type { Marks } from './marks'
import { sendAstray, sendToPlaces } from './places'
import { Sender } from './sender'

/** Sends marks to one server, and has its events sent to the receiver. */
export class Sending {
  readonly client: Client
  readonly #sender: Sender

  constructor(
    url: string,
    { account, secretKey }: Pick<ChaosDatabase, 'account' | 'secretKey'>,
    marks: Marks,
    random: Random
  ) {
    this.client = new Client(url, secretKey)
    const caller = { name: 'a', account, secret: secretKey, publishable: '', mark: 'only' }
    this.#sender = new Sender(this.client, marks, random, { ...caller, livemode: false, ids: {} })
  }

  async receiveAt(url: string): Promise<void> {
    this.client.receiver = url
    for (const enabled of ['*', 'customer.created']) {
      const id = await this.#sender.make('/v1/webhook_endpoints', { url, 'enabled_events[0]': enabled })
      if (id === undefined) throw new Error('no webhook endpoint was made')
      // The last one may be deleted, and made anew.
      this.#sender.world.ids.webhook_endpoint = id
    }
  }

  /** Each place of each endpoint, and each way of a card. `noRequests`: also to where a host's own server answers and logs. */
  async round(
    operations: readonly Operation[],
    { spite, noRequests }: { spite: boolean; noRequests: boolean }
  ): Promise<void> {
    const sender = this.#sender
    await furnish(sender.world, this.client.send)
    for (const operation of operations) {
      await sendToPlaces(sender, operation)
      await sendAstray(sender, operation)
      if (operation.method === 'POST') await sendBodies(sender, operation)
    }
    await sendCards(sender)
    await sendAccounts(sender)
    if (spite) await sendToSpite(sender)
    if (noRequests) await sendNoRequests(sender)
  }

  /** Calls that have nothing of a card in them. */
  async other(calls: number): Promise<void> {
    const { random, world } = this.#sender
    const { customer = '', payment_method = '' } = world.ids
    for (let i = 0; i < calls; i++) {
      const description = 'x'.repeat(random.below(2000))
      await this.#sender.make('/v1/customers', { name: randomUUID(), description })
      await this.client.read(`/v1/customers/${customer}/payment_methods/${payment_method}`)
    }
  }
}
