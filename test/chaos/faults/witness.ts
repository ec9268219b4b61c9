import { setTimeout as sleep } from 'node:timers/promises'
import { type Asked, Caller, type Heard } from '../harness/caller'

/** One call, with its answer once there is one. */
interface Noted {
  path: string
  heard?: Heard
  ended: boolean
}

/** A caller that remembers how each call was answered. */
export class Witness extends Caller {
  answers = 0
  /** What nobody may be told, each in a line. */
  readonly wrong: string[] = []
  #recent: Noted[] = []

  override async send(asked: Asked): Promise<Heard> {
    const noted: Noted = { path: asked.path, ended: false }
    this.#recent.push(noted)
    try {
      noted.heard = await super.send(asked)
      return noted.heard
    } finally {
      noted.ended = true
      this.answers++
      if (!isFit(noted.heard)) this.wrong.push(told(noted))
    }
  }

  /** Forgets the calls that were made until now. */
  begin(): void {
    this.#recent = []
  }

  /** How many calls were made since, and which of them were not done; those of the last moment have a second more. */
  async service(): Promise<{ calls: number; refused: string[] }> {
    const calls = [...this.#recent]
    for (let tries = 0; tries < 50 && calls.some(({ ended }) => !ended); tries++) await sleep(20)
    return { calls: calls.length, refused: calls.filter(({ heard }) => heard?.status !== 200).map(told) }
  }
}

/** Done, or refused for a moment by a body of the wire's shape; a 503 says that it is worth another try. */
function isFit(heard: Heard | undefined): boolean {
  if (heard?.status === 200) return true
  if (!heard || ![409, 429, 503].includes(heard.status)) return false
  const { error } = JSON.parse(heard.text) as { error?: { type?: string; message?: string } }
  if (error?.type === undefined || error.message === undefined) return false
  return heard.status !== 503 || (error.type === 'api_error' && heard.shouldRetry === 'true')
}

const told = ({ path, heard }: Noted): string =>
  `${path}: ${heard ? `${heard.status} ${heard.text}` : 'no answer'}`
