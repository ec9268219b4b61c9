import type { FastifyInstance } from 'fastify'
import type { InProcess } from './in-process'
import type { Listeners } from './listeners'

/** The vault as the host's own code sees it, without HTTP: `app.paymentVault`. */
export interface PaymentVault extends InProcess {
  /**
   * Calls `handler` after the commit of each event of this name (`*`: of every one) that this mount of the vault made
   * in this process, in the order of the commits, and not in the request's stack. Handlers are not waited for before
   * the next event; what they throw is only logged; an app that closes waits for them, 10 seconds at most. What
   * another process did, or what a crash left untold, is told by webhooks alone. Gives back what ends it. Throws a
   * TypeError for a name that no event has.
   */
  on: Listeners['on']
  /** Ends it for this handler under this name. */
  off: Listeners['off']
}

/** An app that knows its vault by another name: `WithPaymentVault<'billing'>` for `decorateAs: 'billing'`. */
export type WithPaymentVault<Name extends string> = FastifyInstance & Record<Name, PaymentVault>

// On every app, also one without a vault: `register` cannot give the app that it is called on another type.
declare module 'fastify' {
  interface FastifyInstance {
    /** Where `fastify-payment-vault` is registered; under another name with its option `decorateAs`. */
    paymentVault: PaymentVault
  }
}

const ours = new WeakSet<object>()

/**
 * What puts the vault on the app. Throws at once where the name is taken; a vault of an app further out is no
 * obstacle, within this one it is out of sight.
 */
export function decorating(app: FastifyInstance, name: string): (vault: PaymentVault) => void {
  const there: unknown = (app as unknown as Record<string, unknown>)[name]
  const further = typeof there === 'object' && there !== null && ours.has(there) && !Object.hasOwn(app, name)
  if (name in app && !further) {
    throw new Error(
      `fastify-payment-vault: this app has something named '${name}' already; pass another name as \`decorateAs\`.`
    )
  }
  return (vault) => {
    ours.add(vault)
    app.decorate(name, vault)
  }
}
