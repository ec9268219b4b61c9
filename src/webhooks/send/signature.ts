import { createHmac } from 'node:crypto'

/** Returns the `Stripe-Signature` header of a body sent at a Unix time in seconds: one `v1` for each secret. */
export function signatureOf(body: Buffer, secrets: readonly string[], second: number): string {
  const signatures = secrets.map((secret) => {
    const hex = createHmac('sha256', secret).update(`${second}.`).update(body).digest('hex')
    return `v1=${hex}`
  })
  return [`t=${second}`, ...signatures].join(',')
}
