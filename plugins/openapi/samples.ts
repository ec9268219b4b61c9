import { stringify } from 'qs'
import { mapOperations, type OpenApiDocument, type Operation, type Parameter } from './shape'

/**
 * Adds a curl command to each operation for documentation pages. It makes the example's call with the key in
 * the environment variable `SECRET_KEY`.
 */
export function addSamples(document: OpenApiDocument): OpenApiDocument {
  const [server] = document.servers
  return mapOperations(document, (operation, method, path) => ({
    ...operation,
    'x-codeSamples': [
      { lang: 'Shell', label: 'curl', source: curl(server?.url ?? '', operation, method, path) }
    ]
  }))
}

function curl(server: string, operation: Operation, method: string, path: string): string {
  const parameters = (operation.parameters ?? []).filter((each): each is Parameter => 'name' in each)
  const url = parameters
    .filter((each) => each.in === 'path')
    .reduce((made, { name, example }) => made.replace(`{${name}}`, String(example)), path)
  const query = parameters.filter((each) => each.in === 'query' && 'example' in each)
  const given = operation.requestBody
    ? Object.values(operation.requestBody.content)[0]?.example
    : Object.fromEntries(query.map(({ name, example }) => [name, example]))
  const pairs = stringify(given, { encode: false, delimiter: '\n' }).split('\n').filter(Boolean)

  // The document has only a path when it does not know its server's name.
  const base = server.startsWith('/') ? `https://example.com${server.replace(/\/$/, '')}` : server
  const how = method === 'get' ? (pairs.length > 0 ? ' -G' : '') : ` -X ${method.toUpperCase()}`
  const lines = [`curl${how} ${base}${url}`, '-u "$SECRET_KEY:"']
  return [...lines, ...pairs.map((pair) => `--data-urlencode ${shellQuote(pair)}`)].join(' \\\n  ')
}

const shellQuote = (text: string): string =>
  /^[\w=.@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
