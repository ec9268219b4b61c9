import { invalidRequest, stateForbids, type WireError } from '../../../plugins/errors/errors'
import { noSuch } from '../../protocol/errors/no-such'
import { findPaymentMethod } from './store'

export const noSuchPaymentMethod = noSuch('payment_method', findPaymentMethod, {
  noun: 'PaymentMethod',
  param: 'payment_method'
})

/** Of a type that the vault, or the processor behind it, has no place for. */
export const notSavedHere = (type: string): WireError =>
  invalidRequest(`This vault does not save payment methods of the type '${type}'.`, { param: 'type' })

/** A hash that belongs to another type than the payment method's. */
export const ofAnotherType = (param: string, type: string): WireError =>
  invalidRequest(`The parameter '${param}' does not fit a payment method of the type '${type}'.`, { param })

export const alreadyAttached = (): WireError =>
  stateForbids('The payment method you provided has already been attached to a customer.')

export const spent = (): WireError =>
  stateForbids(
    'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.'
  )

export const notAttached = (): WireError =>
  stateForbids('The payment method you provided is not attached to a customer so detachment is impossible.')

export const notSaved = (): WireError =>
  stateForbids('You must save this PaymentMethod to a customer before you can update it.')
