import { createHash } from 'node:crypto'
import { invalidRequest } from '../../../plugins/errors/errors'
import type { Place } from '../../../plugins/database/listing'

/** The token that a search's next page is asked for with: where this one ended, and which query it belongs to. */
export const pageToken = ({ created, id }: Place, query: string): string =>
  Buffer.from([created, id, hashOf(query)].join(' ')).toString('base64url')

/** The place that a token stands for; throws the wire's error unless it is one, and of this query. */
export function placeOfPage(token: string, query: string): Place {
  const [created = '', id = '', hash, ...rest] = Buffer.from(token, 'base64url').toString().split(' ')
  if (!/^\d{1,15}$/.test(created) || id.includes('\0') || hash !== hashOf(query) || rest.length > 0) {
    throw invalidRequest('Invalid page: it has to be the next_page of a search with the same query.', {
      param: 'page'
    })
  }
  return { created: Number(created), id }
}

const hashOf = (query: string): string => createHash('sha256').update(query).digest('base64url').slice(0, 16)
