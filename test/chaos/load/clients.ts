import { bytesOf, type LoadCall, scriptOf } from './calls'
import { Connection } from './connection'

/** As many clients as there are connections, each of which sends one call after another. */
export class LoadClients {
  /** All that was ever sent. */
  readonly calls: LoadCall[] = []
  readonly #secretKey: string
  readonly #room: number
  readonly #connections: Connection[]
  #next = 0
  #over = false
  #lanes: Promise<unknown> = Promise.resolve()

  /** `room`: how many payment methods there are for them. */
  constructor(port: number, { connections, secretKey, room }: LoadOf) {
    this.#secretKey = secretKey
    this.#room = room
    this.#connections = Array.from({ length: connections }, () => new Connection(port))
  }

  begin(): void {
    this.#over = false
    this.#lanes = Promise.all(this.#connections.map((connection) => this.#lane(connection)))
  }

  /** Begins nothing new; comes back when every call has its answer, or is lost. */
  async finish(): Promise<void> {
    this.#over = true
    await this.#lanes
  }

  /** Sends these beside everything, `each` on every connection at once. */
  flood(each: number, make: () => LoadCall): Promise<LoadCall[]> {
    return Promise.all(
      this.#connections.flatMap((connection) =>
        Array.from({ length: each }, async () => {
          const call = make()
          await this.#send(connection, call)
          return call
        })
      )
    )
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  async #lane(connection: Connection): Promise<void> {
    while (!this.#over && connection.open && this.#next < this.#room) {
      const script = scriptOf(this.#next++)
      for (let step = script.next(); step.done !== true;) {
        const call = step.value
        const answered = await this.#send(connection, call)
        if (!answered) return
        step = script.next(call.heard)
      }
    }
  }

  /** Whether it was answered. */
  async #send(connection: Connection, call: LoadCall): Promise<boolean> {
    this.calls.push(call)
    try {
      call.heard = await connection.send(bytesOf(call, this.#secretKey))
      return true
    } catch (error) {
      call.lost = (error as Error).message
      return false
    }
  }
}

export interface LoadOf {
  connections: number
  secretKey: string
  room: number
}
