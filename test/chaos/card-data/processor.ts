import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  type CardProcessor,
  CardRefused,
  type PaymentProcessor,
  type TokenizedBankAccount,
  type TokenizedCard
} from '../../../src/index'
import { BankAccountRefused } from '../../../src/index'
import { testProcessor } from '../../../src/processor/test/processor'

/** Where it throws, by the name that a card or an account is made in: `capture refusal`. */
export const moments = ['tokenize', 'verify', 'setUp', 'authorize', 'capture', 'cancel', 'refund'] as const
/** What it throws. */
export const throws = ['error', 'text', 'hash', 'client', 'refusal'] as const

/**
 * A processor that does what none may: it repeats card and account numbers in whatever it throws. It takes all of them,
 * and keeps none: its tokens hold the number under a key of its own.
 */
export function spitefulProcessor(fingerprintKey: string): CardProcessor {
  const honest = testProcessor({ fingerprintKey })
  const key = randomBytes(32)
  const sealed = (what: Told): string => {
    const iv = randomBytes(16)
    const cipher = createCipheriv('aes-256-ctr', key, iv)
    return `spite_${Buffer.concat([iv, cipher.update(JSON.stringify(what))]).toString('hex')}`
  }
  const opened = (token: string): Told | undefined => {
    if (!token.startsWith('spite_')) return undefined
    const bytes = Buffer.from(token.slice(6), 'hex')
    const cipher = createDecipheriv('aes-256-ctr', key, bytes.subarray(0, 16))
    return JSON.parse(cipher.update(bytes.subarray(16)).toString()) as Told
  }
  const perhaps = (moment: string, told: Told | undefined): void => {
    const [when, what = ''] = told?.name?.split(' ') ?? []
    if (told && when === moment) throw thrown(what, told)
  }
  const paying = <T>(moment: string, token: string, honestly: () => Promise<T>, else_: T): Promise<T> => {
    const told = opened(token)
    if (!told) return honestly()
    perhaps(moment, told)
    return Promise.resolve(else_)
  }
  const { payments } = honest
  const spiteful: PaymentProcessor = {
    setUp: (asked, context) =>
      paying('setUp', asked.token, () => payments.setUp(asked, context), { status: 'succeeded' }),
    authorize: (asked, context) =>
      paying('authorize', asked.token, () => payments.authorize(asked, context), {
        status: 'authorized',
        reference: asked.token
      }),
    capture: (asked, context) =>
      paying('capture', asked.reference, () => payments.capture(asked, context), undefined),
    cancel: (asked, context) =>
      paying('cancel', asked.reference, () => payments.cancel(asked, context), undefined),
    refund: (asked, context) =>
      paying('refund', asked.reference, () => payments.refund(asked, context), undefined)
  }
  return {
    ...honest,
    tokenize: async (card) => {
      const { number, cvc, name } = card
      const told = { number, cvc, name }
      perhaps('tokenize', told)
      return {
        ...shownOf(number),
        exp_month: 8,
        exp_year: 2033,
        token: sealed(told),
        verify: name?.startsWith('verify') ?? false
      }
    },
    tokenizeBankAccount: async (account, context) => {
      const number =
        'iban' in account ? account.iban : 'account_number' in account ? account.account_number : ''
      const name = 'name' in account ? account.name : undefined
      const told = { number, name, bank: true }
      perhaps('tokenize', told)
      const plain = { ...account, ...('account_number' in account && { account_number: '000123456789' }) }
      const as = await honest.tokenizeBankAccount(
        account.type === 'bacs_debit'
          ? { ...plain, account_number: '00012345' }
          : account.type === 'au_becs_debit'
            ? { ...plain, account_number: '000123456' }
            : plain,
        context
      )
      return as && ({ ...as, last4: number.slice(-4), token: sealed(told) } as TokenizedBankAccount)
    },
    verify: async (token, context) => {
      const told = opened(token)
      if (!told) return honest.verify(token, context)
      perhaps('verify', told)
      return undefined
    },
    payments: spiteful
  }
}

interface Told {
  number: string
  cvc?: string | undefined
  name?: string | undefined
  bank?: boolean | undefined
}

/** Everywhere in it where there is room, as a library may do that repeats the request it made. */
function thrown(what: string, { number, cvc = '', bank = false }: Told): unknown {
  const message = `The acquirer did not like ${number} (${number.match(/.{1,4}/g)?.join(' ') ?? ''}) with "cvc":"${cvc}"`
  const request = { number, cvc, body: `card[number]=${number}&card[cvc]=${cvc}` }
  if (what === 'text') return message
  if (what === 'hash') return { message, ...request }
  if (what === 'refusal' && bank) return new BankAccountRefused({ message, param: `account ${number}` })
  if (what === 'refusal')
    return new CardRefused({
      code: 'card_declined',
      decline_code: number,
      message,
      param: `number ${number}`
    })
  const inner = Object.assign(new Error(message), { request, code: number })
  const outer = Object.assign(new Error(message, { cause: inner }), {
    ...request,
    config: { data: JSON.stringify(request) },
    code: `E${number}`,
    name: `Refused${number}`,
    errors: [inner, message]
  })
  // What clients of HTTP throw: whoever takes it for an answer sends its message on.
  if (what === 'client') Object.assign(outer, { statusCode: 422, status: 422, response: { data: request } })
  outer.stack = `${outer.name}: ${message}\n    at charge (${number}.js:1:1)\n${outer.stack ?? ''}`
  return outer
}

const shownOf = (number: string): Omit<TokenizedCard, 'token' | 'verify' | 'exp_month' | 'exp_year'> => ({
  brand: 'visa',
  country: 'US',
  display_brand: 'visa',
  fingerprint: randomBytes(8).toString('hex'),
  funding: 'credit',
  last4: number.replace(/\D/g, '').slice(-4),
  networks: { available: ['visa'], preferred: null },
  three_d_secure_usage: { supported: true },
  regulated_status: null,
  checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' }
})
