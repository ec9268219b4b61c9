import type { Mutant } from '../harness/mutants'

/** Ways to let a number out, or keep it. */
export const cardDataMutants: Mutant[] = [
  {
    name: 'the inspector shows raw bodies',
    program: {
      file: 'src/pages/inspector/redact.ts',
      from: "export const redacted = (body: unknown): unknown => shown(body, '', { left: mostValues })",
      to: 'export const redacted = (body: unknown): unknown => body'
    }
  },
  {
    name: 'a refusal repeats a number in a place for no number',
    program: {
      file: 'plugins/errors/mask-numbers.ts',
      from: 'const longNumbers = /\\d(?:[ +-]?\\d){7,}/g',
      to: 'const longNumbers = /(?!)/g'
    }
  },
  {
    name: 'refused requests are logged at level trace',
    program: {
      file: 'plugins/reply/error-handler.ts',
      from: 'const refusal = error instanceof WireError ? error : foreignError(error, reply)',
      to: `const refusal = error instanceof WireError ? error : foreignError(error, reply)
           request.log.trace({ body: request.body }, 'refused')`
    }
  },
  {
    name: 'parameters are stored in clear text with an idempotency key',
    program: {
      file: 'plugins/idempotency/idempotency.ts',
      from: "hash('sha512-256', key.toString('hex') + canonical(parameters), 'hex').slice(0, 32),",
      to: "Buffer.from(canonical(parameters)).toString('hex'),"
    }
  },
  {
    name: 'fingerprints are cached by card number',
    program: {
      file: 'src/processor/fingerprint.ts',
      from: 'export function fingerprint(key: Buffer | string, account: string, number: string): string {',
      to: `const remembered = new Map<string, string>()
           export function fingerprint(key: Buffer | string, account: string, number: string): string {
             remembered.set(number, account)`
    }
  }
]
