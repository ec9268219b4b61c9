import { request } from 'node:http'

export interface Inspector {
  seen: () => string
  close: () => void
}

/** Somebody who looks at the inspector: all that its page is sent. */
export async function openInspector(url: string, secretKey: string): Promise<Inspector> {
  let seen = ''
  const asked = request(`${url}/inspector/requests`, { headers: { authorization: `Bearer ${secretKey}` } })
  await new Promise<void>((resolve, reject) => {
    asked.on('error', reject).on('response', (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk))
      response.on('error', () => undefined)
      resolve()
    })
    asked.end()
  })
  asked.removeAllListeners('error').on('error', () => undefined)
  return { seen: () => seen, close: () => asked.destroy() }
}
