import { type Static, Type } from '@sinclair/typebox'
import { component, describedAs, Hash } from '../../../../plugins/params/schema'
import { type Address, addressToObject } from '../../../protocol/values/address'
import {
  AddressParams,
  addressShown,
  ClearableText,
  nullable,
  nullableHash,
  Text
} from '../../../protocol/schemas'

/** Where goods are sent, as a payment intent takes it. It is given whole, never in parts. */
export const ShippingParams = Hash(
  {
    address: describedAs(AddressParams, 'Where to.'),
    carrier: Type.Optional(ClearableText(5000, { description: 'Who brings it.' })),
    name: Text(5000, { description: 'To whom.' }),
    phone: Type.Optional(ClearableText(5000, { description: 'Telephone number of whoever receives it.' })),
    tracking_number: Type.Optional(ClearableText(5000, { description: "The carrier's number of it." }))
  },
  { ...component('shipping_params'), description: 'Where the goods are sent.' }
)

/** As it is stored: only what was given. */
export interface Shipping {
  address: Partial<Address>
  carrier?: string
  name: string
  phone?: string
  tracking_number?: string
}

export function shippingOf(params: Static<typeof ShippingParams>): Shipping {
  const given = (hash: object) => Object.fromEntries(Object.entries(hash).filter(([, leaf]) => leaf !== null))
  return { ...given(params), address: given(params.address) } as Shipping
}

export const shippingToObject = (shipping: Shipping | null) =>
  shipping && {
    address: addressToObject(shipping.address),
    carrier: shipping.carrier ?? null,
    name: shipping.name,
    phone: shipping.phone ?? null,
    tracking_number: shipping.tracking_number ?? null
  }

export const ShippingShown = nullableHash(
  {
    address: addressShown('Where to.'),
    carrier: nullable('string', { description: 'Who brings it.' }),
    name: nullable('string', { description: 'To whom.' }),
    phone: nullable('string', { description: 'Telephone number of whoever receives it.' }),
    tracking_number: nullable('string', { description: "The carrier's number of it." })
  },
  { description: 'Where the goods are sent.' }
)
