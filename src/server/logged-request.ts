/** No headers, which hold the key, and no query, which may hold an e-mail address. */
export const withoutSecrets = ({ method, url }: { method: string; url: string }) => ({
  method,
  path: url.split('?', 1)[0]
})
