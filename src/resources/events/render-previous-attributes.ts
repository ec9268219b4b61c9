import { ascending } from '../../../plugins/json/json'
import { nullPrototype } from '../../../plugins/json/null-prototype'
import { isHash } from '../../../plugins/params/reader'

type Hash = Record<string, unknown>

/**
 * Previous attributes without the keys that `whole`, the object with the keys of every version, has and `shown` lacks;
 * what neither has is gone by the change itself, such as a key of metadata. Keys ascending. Undefined when none is left.
 */
export function shownPrevious(previous: object, shown: object, whole: object): Hash | undefined {
  const left = nullPrototype()
  for (const key of Object.keys(previous).sort()) {
    if (Object.hasOwn(whole, key) && !Object.hasOwn(shown, key)) continue
    const [was, is, entire] = [previous, shown, whole].map((each) => (each as Hash)[key])
    if (isHash(was) && isHash(is) && isHash(entire)) {
      const inner = shownPrevious(was, is, entire)
      if (inner) left[key] = inner
    } else {
      left[key] = inOrder(was)
    }
  }
  return Object.keys(left).length > 0 ? left : undefined
}

/** Postgres keeps the keys of a hash in an order of its own. */
const inOrder = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(inOrder)
    : isHash(value)
      ? ascending(Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inOrder(each)])))
      : value
