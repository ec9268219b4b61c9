import type { FastifyInstance, FastifyReply } from 'fastify'

const answered = Symbol('answered')
type Answered = FastifyReply & { [answered]: number }

/** Prepares the replies of `scope` for `markAnswered`. */
export const expectAnswers = (scope: FastifyInstance): void => {
  scope.decorateReply(answered, 0)
}

/** Marks a reply as this scope's own answer with this status: it leaves unchanged. */
export const markAnswered = (reply: FastifyReply, status: number): void => {
  ;(reply as Answered)[answered] = status
}

/** Returns whether this scope answered, and no hook of the host has changed the status since. */
export const isAnswered = (reply: FastifyReply): boolean => (reply as Answered)[answered] === reply.statusCode
