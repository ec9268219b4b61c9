import type { FastifyInstance } from 'fastify'

/** Closes the app. Waits up to 7 s for running requests, so that the database can stop within 10 s as well. */
export async function drain(app: FastifyInstance): Promise<void> {
  // Keep-alive leaves a connection open after its request, and `app.close` would wait for it.
  const sweep = setInterval(() => {
    app.server.closeIdleConnections()
  }, 50)
  const cut = setTimeout(() => {
    app.server.closeAllConnections()
  }, 7000)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(cut)
  }
}
