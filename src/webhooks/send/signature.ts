import { createHmac } from 'node:crypto'

/** The `Stripe-Signature` header of a body that is sent at that second since 1970: one `v1` for each secret. */
export function signatureOf(body: Buffer, secrets: readonly string[], second: number): string {
  const signatures = secrets.map((secret) => {
    const hex = createHmac('sha256', secret).update(`${second}.`).update(body).digest('hex')
    return `v1=${hex}`
  })
  return [`t=${second}`, ...signatures].join(',')
}
