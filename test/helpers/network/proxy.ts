import { once } from 'node:events'
import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket
} from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How bytes are carried: at once, each piece a while later, a few at a time, not at all, or with no line to carry them on. */
export type Line = 'sound' | 'slow' | 'dripping' | 'silent' | 'cut'

const delay = 100
const drop = { bytes: 64, milliseconds: 5 }

interface Pair {
  sockets: [Socket, Socket]
  /** Both ends believe that it stands, and what they send goes nowhere. */
  dead: boolean
}

/** A line to a server, on a port of its own, with the faults that lines have. */
export class Proxy {
  target: NetConnectOpts
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #line: Line = 'sound'
  #sound: (() => void)[] = []

  constructor(target: NetConnectOpts) {
    this.target = target
    // Nothing is read before there is somebody to carry it to.
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      if (this.#line === 'cut') socket.resetAndDestroy()
      else if (this.#line === 'silent')
        this.#sound.push(() => {
          this.#join(socket)
        })
      else this.#join(socket)
    })
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  /** What is open when it is cut is closed; what is open when it falls silent stays so, and is dead for good. */
  become(line: Line): void {
    this.#line = line
    if (line === 'cut') this.close()
    if (line === 'silent') for (const pair of this.#pairs) pair.dead = true
    if (line !== 'sound') return
    for (const join of this.#sound.splice(0)) join()
  }

  /** Closes all that is open. */
  close(): void {
    for (const { sockets } of this.#pairs) for (const socket of sockets) socket.destroy()
  }

  end(): void {
    this.#server.close()
    this.close()
  }

  #join(client: Socket): void {
    const server = connect(this.target)
    const pair: Pair = { sockets: [client, server], dead: false }
    this.#pairs.add(pair)
    this.#carry(pair, client, server)
    this.#carry(pair, server, client)
    client.resume()
  }

  #carry(pair: Pair, from: Socket, to: Socket): void {
    let before: Promise<void> | undefined
    const next = (step: () => Promise<void> | void): void => {
      if (this.#line === 'sound' && !before) void step()
      else {
        const mine = (before ?? Promise.resolve()).then(step).finally(() => {
          if (before === mine) before = undefined
        })
        before = mine
      }
    }
    from.on('data', (bytes) => {
      next(() => this.#move(pair, bytes, to))
    })
    from.on('error', () => undefined)
    from.on('close', () => {
      next(() => {
        if (!pair.dead) to.destroy()
        if (pair.sockets.every((socket) => socket.destroyed)) this.#pairs.delete(pair)
      })
    })
  }

  #move(pair: Pair, bytes: Buffer, to: Socket): Promise<void> | void {
    const write = (some: Buffer): void => {
      if (!pair.dead && !to.destroyed) to.write(some)
    }
    if (this.#line === 'slow')
      return sleep(delay).then(() => {
        write(bytes)
      })
    if (this.#line === 'dripping') return dripped(bytes, write)
    write(bytes)
  }
}

async function dripped(bytes: Buffer, write: (some: Buffer) => void): Promise<void> {
  for (let at = 0; at < bytes.length; at += drop.bytes) {
    await sleep(drop.milliseconds)
    write(bytes.subarray(at, at + drop.bytes))
  }
}
