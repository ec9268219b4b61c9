import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox'
import { parameterMissing } from '../../../../plugins/errors/errors'
import { Secret } from '../../../../plugins/params/schema'
import { nullable, Text } from '../../../protocol/schemas'
import type { BankAccountDetails, BankAccountHashes, BankAccountType } from '../../../processor/bank-account'
import type { BillingDetails } from '../store'

/** All that the vault knows of one payment method type besides `card`. */
export interface BankAccountTypeOf<T extends BankAccountType, P extends TSchema, S extends TObject> {
  /** The hash that is sent to create one. */
  params: P
  /** The hash that an answer shows; a publishable key does not see its fingerprint. */
  shown: S
  /** The keys of the processor's answer that are stored: nothing else of a host's object is kept. */
  stored: readonly (keyof BankAccountHashes[T] & keyof Static<S>)[]
  /** Keys that are the same for every one: nothing in this vault leads to anything else. */
  constant?: Omit<Static<S>, keyof BankAccountHashes[T]>
  /** Returns the account for the processor; throws the wire's error for a parameter that is missing or refused. */
  detailsOf: (
    given: Static<P> | undefined,
    billing: BillingDetails
  ) => Extract<BankAccountDetails, { type: T }>
}

/** Returns `definition`, checked against what the processor tells of the type. */
export const bankAccountType =
  <T extends BankAccountType>() =>
  <P extends TSchema, S extends TObject>(definition: BankAccountTypeOf<T, P, S>) =>
    definition

/** Returns `value`; throws the wire's error for `param` where it was not sent. */
export function required<T>(param: string, value: T | undefined): T {
  if (value === undefined) throw parameterMissing(param)
  return value
}

export const number = (what: string) =>
  Secret(Text(5000, { description: `${what}: it goes to the processor and is not kept.` }))

export const accountNumber = number('The account number')

export const fingerprint = Type.Optional(
  nullable('string', {
    description: 'The same for the same number within an account; not shown to publishable keys.'
  })
)
export const last4 = nullable('string', { description: 'The last four digits of the account number.' })
export const bankName = nullable('string', { description: "The bank's name, where it is known." })
