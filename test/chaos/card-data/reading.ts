import type { Client } from './client'

/** All events, page by page, as somebody with the key is told them. */
export async function eventsOf(client: Client): Promise<{ text: string; count: number }> {
  let [text, count, after] = ['', 0, '']
  for (;;) {
    const page = await client.read(`/v1/events?limit=100${after}`)
    const { data, has_more } = JSON.parse(page) as { data: { id: string }[]; has_more: boolean }
    text += page
    count += data.length
    const last = data.at(-1)
    if (!has_more || !last) return { text, count }
    after = `&starting_after=${last.id}`
  }
}

/** The inspector's own pages. */
export async function pagesOf(client: Client): Promise<string> {
  const pages = ['/inspector', '/inspector/script.js', '/inspector/key', '/inspector/events']
  return (await Promise.all(pages.map((page) => client.read(page)))).join('\n')
}
