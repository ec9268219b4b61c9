import { connect, type Socket } from 'node:net'

/** What came back for one call. */
export interface Heard {
  status: number
  text: string
  /** Milliseconds that it took. */
  took: number
}

interface Waiting {
  since: number
  resolve: (heard: Heard) => void
  reject: (error: Error) => void
}

/** One connection that stays open, by hand: with 1,000 of them a client takes more of the machine than the server. */
export class Connection {
  readonly #socket: Socket
  readonly #waiting: Waiting[] = []
  #text = ''
  #last = false

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => {
      this.#text += text
      while (this.#next());
    })
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      const end = this.#text === '' ? 'no answer' : 'half an answer'
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(end))
    })
  }

  /** Until it is closed, or an answer says that it will be. */
  get open(): boolean {
    return this.#socket.writable && !this.#last
  }

  /** Several may be on their way. Rejects when the connection ends before the whole answer is there. */
  send(bytes: string): Promise<Heard> {
    return new Promise((resolve, reject) => {
      if (!this.open) {
        reject(new Error('not sent'))
        return
      }
      this.#waiting.push({ since: performance.now(), resolve, reject })
      this.#socket.write(bytes)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Takes one answer out of what has come, when a whole one has. */
  #next(): boolean {
    const head = this.#text.indexOf('\r\n\r\n')
    if (head === -1) return false
    const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(this.#text.slice(0, head + 2))?.[1])
    const end = head + 4 + length
    if (this.#text.length < end) return false
    const [waiting] = this.#waiting.splice(0, 1)
    if (!waiting || Number.isNaN(length))
      throw new Error(`no answer to anything: ${this.#text.slice(0, 500)}`)
    waiting.resolve({
      status: Number(this.#text.slice(9, 12)),
      text: Buffer.from(this.#text.slice(head + 4, end), 'latin1').toString(),
      took: performance.now() - waiting.since
    })
    this.#last ||= /\r\nconnection: close\r\n/i.test(this.#text.slice(0, head + 2))
    this.#text = this.#text.slice(end)
    return true
  }
}
