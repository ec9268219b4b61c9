/** The present in whole seconds since 1970, as every `created` on the wire has it. */
export const now = (): number => Math.floor(Date.now() / 1000)
