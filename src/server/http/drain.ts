import type { FastifyInstance } from 'fastify'

/** Requests may take 7 s to finish; whoever is slower is cut off, so that the database can stop within 10 s too. */
export async function drain(app: FastifyInstance): Promise<void> {
  // A connection whose request has ended since is kept open for the client's next one, and closing would wait.
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
