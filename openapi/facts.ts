import type { OpenApiDocument, Operation, Parameter, Schema } from '../plugins/openapi/shape'

/**
 * What callers and generated clients count on: one line for each operation, parameter and property, such as
 * `"customer.email": "required string null"`. Words are left out, so that they may change.
 */
export interface Facts {
  /** By `operationId`. */
  operations: Record<string, string>
  /** What may be sent: parameters by operation, properties by component. */
  taken: Record<string, string>
  /** What comes back: answers by operation, properties by component. */
  answered: Record<string, string>
}

/** Facts are compared as words: `required`, types, components as `#name` and values of enums as `=value`. */
export function factsOf(document: OpenApiDocument): Facts {
  const { schemas, parameters = {} } = document.components
  const operations: Facts['operations'] = {}
  const taken = new Side(schemas)
  const answered = new Side(schemas)

  const addOperation = (operation: Operation, method: string, path: string): void => {
    const { operationId: id, requestBody } = operation
    operations[id] = `${method.toUpperCase()} ${path}`
    for (const each of operation.parameters ?? []) {
      const parameter = 'name' in each ? each : parameters[nameOf(each.$ref)]
      if (parameter)
        taken.add(`${id} ${parameter.in} ${parameter.name}`, parameter.schema, isRequired(parameter))
    }
    for (const [type, { schema }] of Object.entries(requestBody?.content ?? {})) {
      taken.add(`${id} ${type}`, schema, requestBody?.required ?? false)
    }
    // Which refusals are told apart is of no matter: all have one shape.
    for (const status of ['200', 'default']) {
      for (const { schema } of Object.values(operation.responses[status]?.content ?? {})) {
        answered.add(`${id} ${status}`, schema, true)
      }
    }
  }
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) addOperation(operation, method, path)
  }
  return { operations: sorted(operations), taken: sorted(taken.facts), answered: sorted(answered.facts) }
}

const isRequired = (parameter: Parameter): boolean => parameter.required ?? false

const nameOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1)

const sorted = (facts: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)))

// Where one alternative takes any value, what others list says nothing.
const anyValue = '=*'

/** All that is reached from one side of the calls. */
class Side {
  readonly facts: Record<string, string> = {}
  private readonly reached = new Set<string>()

  constructor(private readonly schemas: Record<string, Schema>) {}

  add(way: string, schema: Schema, required: boolean): void {
    const words = new Set(required ? ['required'] : [])
    this.describe(way, schema, words)
    const said = words.has(anyValue) ? [...words].filter((word) => !word.startsWith('=')) : [...words]
    this.facts[way] = said.join(' ')
  }

  private describe(way: string, schema: Schema, words: Set<string>): void {
    if (schema.$ref !== undefined) {
      const name = nameOf(schema.$ref)
      words.add(`#${name}`)
      if (this.reached.has(name)) return
      this.reached.add(name)
      this.add(name, this.schemas[name] ?? {}, false)
      return
    }
    for (const type of [schema.type ?? []].flat()) words.add(type)
    for (const value of schema.enum ?? [])
      if (value !== null) words.add(`=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    if (schema.type !== undefined && !schema.enum) words.add(anyValue)
    for (const each of schema.anyOf ?? []) this.describe(way, each, words)
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      this.add(`${way}.${name}`, property, schema.required?.includes(name) ?? false)
    }
    const items = schema.items as Schema | undefined
    if (items) this.add(`${way}[]`, items, false)
    if (typeof schema.additionalProperties === 'object') {
      this.add(`${way}.*`, schema.additionalProperties as Schema, false)
    }
  }
}
