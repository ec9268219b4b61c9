import type { Page } from '../../../plugins/database/listing'
import type { Call } from '../call'
import { expandAll, expandOf } from '../../protocol/expand'
import { limitOf, listOf, start } from '../../protocol/lists/lists'
import { pageToken, placeOfPage } from '../../protocol/lists/search-page'
import type { SearchCustomersParams } from './schema'
import { parseSearchQuery } from './search-query'
import { countFound, searchCustomers } from './search-store'
import { customerToObject } from './object'

const totalCount = 'total_count'

/** Customers that a query in the search language finds, newest first; what was just changed is found as well. */
export async function searchOfCustomers(call: Call, params: SearchCustomersParams) {
  const paths = params.expand ?? []
  const expand = expandOf(
    call.vault.objects,
    'customer',
    paths.filter((path) => path !== totalCount),
    true
  )
  const query = parseSearchQuery(params.query)
  const after = params.page === undefined ? undefined : placeOfPage(params.page, params.query)
  const page: Page = { after: after ?? start, forward: true, limit: limitOf(params) }

  const { db } = call.vault
  const rows = await searchCustomers(db, call.account, query, { after, limit: page.limit + 1 })
  const list = listOf('/v1/customers/search', page, rows, (row) => customerToObject(call, row))
  const last = list.has_more ? rows[page.limit - 1] : undefined
  return {
    object: 'search_result' as const,
    data: await expandAll(call, 'customer', expand, list.data),
    has_more: list.has_more,
    next_page: last ? pageToken(last, params.query) : null,
    ...(paths.includes(totalCount) && { total_count: await countFound(db, call.account, query) }),
    url: list.url
  }
}
