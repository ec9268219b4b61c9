import { startEmbeddedPostgres, type EmbeddedPostgresOptions } from '../../../src/storage/postgres/embedded'

/** What the program tells its parent: that Postgres is up, or why it is not. */
export interface Report {
  url?: string
  owner?: boolean
  refused?: string
  error?: string
  said: string[]
}

// A host of the embedded Postgres that can be killed. It ends with its parent, and stops properly when told to.
const said: string[] = []
const options = JSON.parse(process.argv[2] ?? '{}') as EmbeddedPostgresOptions & { musl?: boolean }
process.on('disconnect', () => process.exit())
// How Node tells on Alpine that it was not linked with glibc.
if (options.musl) process.report.getReport = () => ({ header: {} })

startEmbeddedPostgres({ ...options, say: (line) => said.push(line) }).then(
  ({ url, owner, stop }) => {
    process.on('message', () => void stop().then(() => process.exit()))
    process.send?.({ url, owner, said } satisfies Report)
  },
  (error: unknown) => {
    const { name, message, stack } = error as Error
    const report: Report =
      name === 'StartError' ? { refused: message, said } : { error: stack ?? message, said }
    process.send?.(report, () => {
      process.disconnect()
    })
  }
)
