import type { FastifyInstance } from 'fastify'
import type { InProcess } from './in-process'
import type { Listeners } from './listeners'

/** The vault for the host's own code, without HTTP: `app.paymentVault`. */
export interface PaymentVault extends InProcess {
  /**
   * Calls `handler` after the commit of each event of this type (`*`: of any type) that this mount of the vault made in
   * this process. Calls follow the order of the commits, outside the request. The vault does not wait for a handler
   * before the next event, and logs what a handler throws. A closing app waits up to 10 seconds for running handlers.
   * Events of other processes, and events just before a crash, reach webhooks only. Returns a function that removes the
   * listener. Throws a TypeError for an unknown event type.
   */
  on: Listeners['on']
  /** Removes this handler from this event type. */
  off: Listeners['off']
}

/** An app that knows its vault by another name: `WithPaymentVault<'billing'>` for `decorateAs: 'billing'`. */
export type WithPaymentVault<Name extends string> = FastifyInstance & Record<Name, PaymentVault>

// On every app, also one without a vault: `register` cannot give the app that it is called on another type.
declare module 'fastify' {
  interface FastifyInstance {
    /** Set by `fastify-payment-vault`. The option `decorateAs` changes the name. */
    paymentVault: PaymentVault
  }
}

const vaults = new WeakSet<object>()

/**
 * Returns a function that decorates the app with the vault. Throws immediately if the name is taken. A vault that the
 * app inherits from its parent is no conflict: the new one shadows it.
 */
export function vaultDecorator(app: FastifyInstance, name: string): (vault: PaymentVault) => void {
  const existing: unknown = (app as unknown as Record<string, unknown>)[name]
  const isInheritedVault =
    typeof existing === 'object' && existing !== null && vaults.has(existing) && !Object.hasOwn(app, name)
  if (name in app && !isInheritedVault) {
    throw new Error(
      `fastify-payment-vault: this app already has a property '${name}'; pass another name as \`decorateAs\`.`
    )
  }
  return (vault) => {
    vaults.add(vault)
    app.decorate(name, vault)
  }
}
