import type { FastifyInstance, FastifyReply } from 'fastify'

const answered = Symbol('answered')
type Answered = FastifyReply & { [answered]: boolean }

/** Prepares the replies of `scope` for `markAnswered`. */
export const expectAnswers = (scope: FastifyInstance): void => {
  scope.decorateReply(answered, false)
}

/** Marks a reply as this scope's own answer, which leaves unchanged. */
export const markAnswered = (reply: FastifyReply): void => {
  ;(reply as Answered)[answered] = true
}

/** Returns whether this scope answered, and not a host's hook. */
export const isAnswered = (reply: FastifyReply): boolean => (reply as Answered)[answered]
