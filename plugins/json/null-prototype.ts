/**
 * An empty hash whose names are the caller's: nothing is inherited, and `__proto__` is a name like any other. Made in
 * this way it is as quick as any object; one of `Object.create(null)` takes five times as long to fill and read.
 */
export const nullPrototype = <T = unknown>(): Record<string, T> => new Hash() as Record<string, T>

const Hash = function () {
  // Nothing of its own either.
} as unknown as new () => object
Hash.prototype = Object.create(null) as object
