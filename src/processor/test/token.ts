import type { CardChecks } from '../card-checks'
import type { TestCard } from './card'
import { testCardOfSlug } from './cards'

/** A decoded token, which is the only state of the test processor. */
export interface TestToken {
  card: TestCard
  /** The checks that had a value to check. */
  given: readonly (keyof CardChecks)[]
  /** Whether the card was set up for off-session charges. */
  setUp: boolean
}

const setUpMark = 'set_up'

export const writeToken = ({ slug }: TestCard, given: readonly (keyof CardChecks)[]): string =>
  [slug, ...given].join(':')

/** Decodes a token. Throws for a token that the test processor did not make. */
export function readToken(token: string): TestToken {
  const [slug = '', ...rest] = token.split(':')
  const card = testCardOfSlug(slug)
  if (card === undefined) throw new Error('The test processor was given a token that it did not make')
  return {
    card,
    given: rest.filter((each): each is keyof CardChecks => each !== setUpMark),
    setUp: rest.includes(setUpMark)
  }
}

export const markAsSetUp = (token: string): string =>
  readToken(token).setUp ? token : `${token}:${setUpMark}`
