import { open } from 'node:fs/promises'
import type { Form } from './marks'

export interface Hit {
  form: Form
  /** What stands around it. */
  around: string
}

const keyLength = 8
const tableBits = 20

/** Finds any of some thousand forms in one walk through the bytes. */
export class Search {
  readonly #table = new Uint8Array(1 << tableBits)
  readonly #second = new Uint8Array(1 << tableBits)
  readonly #byKey = new Map<string, Form[]>()
  /** Bytes of the longest. */
  readonly #most: number

  constructor(forms: readonly Form[]) {
    for (const form of forms) {
      const { bytes } = form
      if (bytes.length < keyLength) throw new Error(`too short to be looked for: ${bytes.toString('latin1')}`)
      this.#table[hashOf(bytes.readUInt32LE(0))] = 1
      this.#second[hashOf(bytes.readUInt32LE(0) ^ mixed(bytes.readUInt32LE(4)))] = 1
      const key = bytes.toString('latin1', 0, keyLength)
      this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), form])
    }
    this.#most = Math.max(...forms.map(({ bytes }) => bytes.length))
  }

  /** What ends within the first `known` bytes has been found before. */
  in(text: Buffer | string, known = 0): Hit[] {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    const hits: Hit[] = []
    const table = this.#table
    let four = 0
    for (let end = 0; end < bytes.length; end++) {
      four = (four >>> 8) | ((bytes[end] ?? 0) << 24)
      if (table[hashOf(four)] === 0) continue
      const at = end - 3
      if (at < 0 || at + keyLength > bytes.length) continue
      // Digits stand everywhere: most of them are told apart by the four bytes that follow.
      if (this.#second[hashOf(four ^ mixed(bytes.readUInt32LE(end + 1)))] === 0) continue
      for (const form of this.#byKey.get(bytes.toString('latin1', at, at + keyLength)) ?? [])
        if (at + form.bytes.length > known && matches(bytes, at, form))
          hits.push({ form, around: aroundOf(bytes, at, form.bytes.length) })
    }
    return hits
  }

  /** Of what is too large to be had in one piece; `each` reads into the buffer, and gives how much there was. */
  async inParts(each: (into: Buffer, at: number) => Promise<number>): Promise<Hit[]> {
    const hits: Hit[] = []
    const buffer = Buffer.allocUnsafe(4 << 20)
    let kept = 0
    for (let at = 0; ;) {
      const read = await each(buffer.subarray(kept), at)
      if (read === 0) return hits
      at += read
      hits.push(...this.in(buffer.subarray(0, kept + read), kept))
      // What may go on in the next part.
      const rest = Math.min(this.#most - 1, kept + read)
      buffer.copy(buffer, 0, kept + read - rest, kept + read)
      kept = rest
    }
  }

  async inFile(path: string): Promise<Hit[]> {
    const file = await open(path)
    try {
      return await this.inParts(async (into, at) => (await file.read(into, 0, into.length, at)).bytesRead)
    } finally {
      await file.close()
    }
  }
}

const hashOf = (four: number): number => Math.imul(four, 0x9e3779b1) >>> (32 - tableBits)

const mixed = (four: number): number => Math.imul(four, 0x85ebca6b) ^ (four >>> 13)

function matches(bytes: Buffer, at: number, { bytes: wanted, alone }: Form): boolean {
  if (bytes.compare(wanted, 0, wanted.length, at, Math.min(at + wanted.length, bytes.length)) !== 0)
    return false
  // What is behind a point belongs to a number that is measured.
  return !alone || !(bytes[at - 1] === 0x2e || isDigit(bytes[at - 1]) || isDigit(bytes[at + wanted.length]))
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

const aroundOf = (bytes: Buffer, at: number, length: number): string =>
  bytes.toString('latin1', Math.max(0, at - 80), at + length + 40).replace(/[^\x20-\x7e]+/g, '·')
