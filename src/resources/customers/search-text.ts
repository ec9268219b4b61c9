import type { CustomerRow } from './row'

/** What a search looks at, as the database has it beside the customer. A text is its words, one space between them. */
export interface SearchText {
  email?: string
  name?: string
  phone?: string
  metadata: Record<string, string>
}

/** Text in one case and one composition, so that what people take for the same is the same, ß and SS included. */
export const folded = (text: string): string => text.toLowerCase().toUpperCase().normalize('NFC')

/** What stands between white space, folded. */
export const wordsOf = (text: string): string[] =>
  folded(text)
    .split(/\s+/)
    .filter((word) => word !== '')

export function searchTextOf({ email, details, metadata }: CustomerRow): SearchText {
  const texts = Object.entries({ email, name: details.name, phone: details.phone })
    .map(([field, text]) => [field, wordsOf(text ?? '').join(' ')] as const)
    .filter(([, text]) => text !== '')
  return {
    ...Object.fromEntries(texts),
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, folded(value)]))
  }
}
