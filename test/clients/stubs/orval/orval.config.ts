import { defineConfig } from 'orval'

export default defineConfig({
  vault: {
    input: './openapi.json',
    output: {
      target: './generated/client.ts',
      client: 'fetch',
      override: { mutator: { path: './vault-fetch.ts', name: 'vaultFetch' } }
    }
  }
})
