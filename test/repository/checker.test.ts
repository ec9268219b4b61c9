import t from 'tap'
import { linearizable } from '../chaos/races/linearizable'
import { after, type Operation, unattached } from '../chaos/races/payment-method-model'

type Told = [
  call: Operation['call'],
  customer: number,
  outcome: Operation['outcome'],
  start: number,
  end: number
]

const history = (...told: Told[]): Operation[] =>
  told.map(([call, customer, outcome, start, end]) => ({ call, customer, outcome, start, end }))

const fits = (operations: readonly Operation[]): boolean => linearizable(operations, unattached, after)

const look = (seen: string, start: number, end: number): Operation => ({
  ...{ call: 'look', customer: -1, outcome: 'done', start, end },
  seen
})

const row = (seen: string, at: number): Operation => ({ ...look(seen, at, at), call: 'look at the row' })

t.test('finds the order in which calls that overlap were done', async (t) => {
  t.ok(fits([]))
  t.ok(fits(history(['attach', 1, 'done', 0, 10], ['attach', 2, 'taken', 0, 10])))
  // The refusal came back long before the answer that it is because of.
  t.ok(fits(history(['attach', 1, 'done', 0, 10], ['attach', 2, 'taken', 1, 2])))
  t.ok(fits(history(['attach', 1, 'done', 0, 1], ['detach', -1, 'done', 2, 3], ['attach', 2, 'spent', 4, 5])))
  t.ok(fits(history(['attach', 1, 'done', 0, 9], ['detach', -1, 'done', 1, 8], ['attach', 2, 'spent', 2, 7])))
  t.ok(
    fits(
      history(['delete', 1, 'done', 0, 5], ['attach', 1, 'no customer', 1, 4], ['attach', 2, 'done', 6, 7])
    )
  )
  t.ok(
    fits(
      history(['attach', 1, 'done', 0, 1], ['delete', 1, 'done', 2, 3], ['detach', -1, 'not attached', 4, 5])
    )
  )
  t.ok(fits(history(['set up', 1, 'done', 0, 5], ['attach', 1, 'done', 1, 2], ['attach', 2, 'busy', 1, 2])))
})

t.test('finds none where there is none', async (t) => {
  const bad: Record<string, Operation[]> = {
    'two winners': history(['attach', 1, 'done', 0, 10], ['attach', 2, 'done', 0, 10]),
    'nobody wins': history(['attach', 1, 'taken', 0, 10], ['attach', 2, 'taken', 0, 10]),
    'refused before anybody asked for it': history(['attach', 2, 'taken', 0, 1], ['attach', 1, 'done', 2, 3]),
    'attached again after its detach': history(
      ['attach', 1, 'done', 0, 1],
      ['detach', -1, 'done', 2, 3],
      ['attach', 1, 'done', 4, 5]
    ),
    'set up after its detach': history(
      ['attach', 1, 'done', 0, 1],
      ['detach', -1, 'done', 2, 3],
      ['set up', 1, 'done', 4, 5]
    ),
    'detached twice': history(
      ['attach', 1, 'done', 0, 1],
      ['detach', -1, 'done', 2, 9],
      ['detach', -1, 'done', 2, 9]
    ),
    'detached before it was attached': history(['detach', -1, 'done', 0, 1], ['attach', 1, 'done', 2, 3]),
    'attached to somebody who is deleted': history(['delete', 1, 'done', 0, 1], ['attach', 1, 'done', 2, 3]),
    'no customer, and only then a delete': history(
      ['attach', 1, 'no customer', 0, 1],
      ['delete', 1, 'done', 2, 3]
    ),
    'still attached after the delete': [
      ...history(['attach', 1, 'done', 0, 1], ['delete', 1, 'done', 2, 3]),
      look('1', 4, 5)
    ],
    'a look that sees the past': [...history(['attach', 1, 'done', 0, 1]), look('none', 2, 3)],
    'a look that sees the future': [look('1', 0, 1), ...history(['attach', 1, 'done', 2, 3])],
    'two looks that disagree': [...history(['attach', 1, 'done', 0, 9]), look('1', 1, 2), look('none', 3, 4)],
    'another row than was answered': [...history(['attach', 1, 'done', 0, 1]), row('2', 2)],
    'a row that was never changed': [...history(['attach', 1, 'done', 0, 1]), row('unattached', 2)],
    'an answer that no call has': history(['attach', 1, 'wrong', 0, 1])
  }
  for (const [name, operations] of Object.entries(bad)) {
    t.notOk(fits(operations), name)
    t.notOk(fits([...operations].reverse()), `${name}, told in another order`)
  }
})

t.test('takes what nobody knows the end of for done, at any time, or not', async (t) => {
  const lost: Told = ['attach', 1, 'unknown', 0, Infinity]
  t.ok(fits([...history(lost), row('unattached', 9)]))
  t.ok(fits([...history(lost), row('1', 9)]))
  t.ok(fits(history(lost, ['attach', 2, 'done', 5, 6])))
  t.ok(fits(history(lost, ['attach', 2, 'taken', 5, 6])))
  // Late: after somebody had seen that it was not done yet.
  t.ok(fits([...history(lost), look('none', 2, 3), look('1', 4, 5)]))
  t.notOk(fits([...history(lost), look('1', 2, 3), look('none', 4, 5)]))
  t.notOk(fits([...history(lost), row('2', 9)]))
  t.notOk(fits(history(lost, ['attach', 2, 'taken', 5, 6], ['attach', 3, 'done', 7, 8])))
  t.notOk(
    fits(history(['attach', 2, 'taken', 0, 1], ['attach', 1, 'unknown', 2, Infinity])),
    'not before it began'
  )
  t.ok(
    fits([...history(['attach', 1, 'done', 0, 1], ['delete', 1, 'unknown', 2, Infinity]), row('detached', 9)])
  )
  t.ok(fits([...history(['attach', 1, 'done', 0, 1], ['detach', -1, 'unknown', 2, Infinity]), row('1', 9)]))
})

t.test('searches a crowd in no time, and refuses what is too long', async (t) => {
  const crowd = history(
    ...Array.from({ length: 40 }, (_, i): Told => ['attach', i, i === 30 ? 'done' : 'taken', 0, 9])
  )
  t.ok(fits(crowd))
  t.notOk(fits([...crowd, row('3', 10)]))
  t.throws(() => fits([...crowd, ...crowd]), { message: 'this history is too long to be searched' })
})
