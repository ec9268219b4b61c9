import { createHash } from 'node:crypto'
import type { Random } from '../fuzz/random'

/** Something that must not be found again. */
export interface Mark {
  kind: 'card' | 'account' | 'cvc'
  text: string
}

/** What a mark may be found as. */
export interface Form {
  mark: Mark
  name: string
  bytes: Buffer
  /** Found by chance within other digits, unless it stands alone. */
  alone: boolean
}

/** Marks for one run, each as random as its kind lets it be; the short ones begin so that chance is rarer still. */
export class Marks {
  readonly cards: Mark[]
  readonly accounts: Record<string, Mark[]>
  /** Of four digits, and what is no CVC, being too long for one. */
  readonly cvcs: Mark[]
  /** For the header that has the type of a body. */
  readonly contentTypes: Mark[]
  /** For what is the caller's own text, and is kept as such. */
  readonly own: Mark[]

  constructor(random: Random) {
    const digits = (length: number): string => Array.from({ length }, () => random.below(10)).join('')
    const some = (count: number, kind: Mark['kind'], make: () => string): Mark[] =>
      Array.from({ length: count }, () => ({ kind, text: make() }))
    const number = (valid: boolean) => (): string => {
      const [begin, length] = random.pick(brands)
      return withCheckDigit(begin + digits(length - begin.length - 1), valid)
    }
    this.cards = [...some(120, 'card', number(true)), ...some(40, 'card', number(false))]
    this.contentTypes = some(20, 'card', number(true))
    this.own = some(40, 'card', number(true))
    this.accounts = {
      us_bank_account: some(20, 'account', () => `9${digits(14)}`),
      acss_debit: some(20, 'account', () => `9${digits(11)}`),
      au_becs_debit: some(10, 'account', () => `9${digits(8)}`),
      bacs_debit: some(10, 'account', () => `9${digits(7)}`),
      sepa_debit: some(20, 'account', () => iban(digits(18)))
    }
    const alike = (): string => {
      const digit = String(random.below(10))
      return `9${digit}8${random.below(10)}`
    }
    this.cvcs = [...some(20, 'cvc', alike), ...some(10, 'cvc', () => `9${digits(11)}`)]
  }

  /** All but the own. */
  get all(): Mark[] {
    return [...this.cards, ...this.contentTypes, ...Object.values(this.accounts).flat(), ...this.cvcs]
  }
}

/** Numbers that everybody knows; the vault knows them too. */
export const published: Mark[] = [
  '4242424242424242',
  '4000000000000002',
  '4000002500003155',
  '378282246310005'
].map((text) => ({ kind: 'card', text }))

const brands: [string, number][] = [
  ['4', 16],
  ['51', 16],
  ['55', 16],
  ['2221', 16],
  ['34', 15],
  ['37', 15],
  ['6011', 16],
  ['62', 19]
]

/** With the last digit that Luhn's rule asks for, or with another one. */
function withCheckDigit(digits: string, valid: boolean): string {
  const sum = Array.from(digits)
    .reverse()
    .reduce((all, digit, at) => {
      const value = Number(digit) * (at % 2 === 0 ? 2 : 1)
      return all + (value > 9 ? value - 9 : value)
    }, 0)
  return `${digits}${(10 - (sum % 10) + (valid ? 0 : 1)) % 10}`
}

/** A German one, with its check digits. */
function iban(account: string): string {
  const rest = BigInt(`${account}131400`) % 97n
  return `DE${String(98n - rest).padStart(2, '0')}${account}`
}

/** What each mark may have become on its way: grouped, encoded, hashed without a key, or cut short. */
export const formsOf = (marks: readonly Mark[], how: { utf16?: boolean; cut?: boolean } = {}): Form[] =>
  marks.flatMap((mark) => {
    const { text, kind } = mark
    const form = (name: string, bytes: string | Buffer, alone = false): Form => ({
      mark,
      name,
      bytes: Buffer.from(bytes as string, 'latin1'),
      alone
    })
    if (kind === 'cvc' && text.length < 8) return cvcContexts.map((where) => form('a CVC', where + text))
    return [
      form('as it is', text, text.length < 12),
      ...['-', ' ', '+', '%20'].flatMap((gap) =>
        grouped(text).map((groups) => form('in groups', groups.join(gap)))
      ),
      form('in hex', Buffer.from(text).toString('hex')),
      ...base64(text).map((part) => form('in base64', part)),
      form('as a list of bytes', Array.from(Buffer.from(text)).join(',')),
      form(
        'percent-encoded',
        text.replace(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`)
      ),
      ...(how.utf16 ? [form('in UTF-16', Buffer.from(text, 'utf16le'))] : []),
      ...['md5', 'sha1', 'sha256', 'sha512'].flatMap((name) => {
        const hash = createHash(name).update(text).digest()
        return [
          form(`as its ${name}`, hash.subarray(0, 12)),
          form(`as its ${name}`, hash.toString('hex').slice(0, 24)),
          form(`as its ${name}`, hash.toString('base64').slice(0, 16))
        ]
      }),
      // No more than the first six digits and the last four may be told of a card.
      ...(how.cut && kind === 'card' ? [form('its first ten digits', text.slice(0, 10))] : []),
      ...(how.cut && text.length >= 14 ? [form('its last ten digits', text.slice(-10))] : [])
    ]
  })

const cvcContexts = [
  'cvc":"',
  'cvc": "',
  'cvc":',
  'cvc\\":\\"',
  "cvc: '",
  'cvc]=',
  'cvc%5D=',
  'card_cvc=',
  '"cvc",'
]

const grouped = (text: string): string[][] => [
  text.match(/.{1,4}/g) ?? [],
  ...(text.length === 15 ? [[text.slice(0, 4), text.slice(4, 10), text.slice(10)]] : [])
]

/** As it stands in base64 wherever it begins: without the characters that its neighbours have a part in. */
const base64 = (text: string): string[] =>
  [0, 1, 2].map((before) => {
    const whole = Buffer.from('\0'.repeat(before) + text)
      .toString('base64')
      .replace(/=+$/, '')
    return whole.slice(before === 0 ? 0 : before + 1, (before + text.length) % 3 === 0 ? undefined : -1)
  })
