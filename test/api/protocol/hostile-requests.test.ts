import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { raw, type ServerApp, startServerApp } from '../../helpers/server/server-app'

const customers = async ({ pool }: ServerApp): Promise<number> => {
  const { rows } = await pool.query<{ count: number }>('select count(*)::int from payment_vault.customers')
  return rows[0]?.count ?? NaN
}

t.test('what two servers may read in two ways is read in none', async (t) => {
  const server = await startServerApp(t)
  const { key, port } = server
  const before = await customers(server)
  const head = (...lines: string[]) =>
    [
      'POST /v1/customers HTTP/1.1',
      'host: a',
      `authorization: Bearer ${key}`,
      'content-type: application/x-www-form-urlencoded',
      'connection: close',
      ...lines
    ].join('\r\n') + '\r\n\r\n'
  const hidden = head('content-length: 0')
  const rows: [what: string, bytes: string][] = [
    ['a length and chunks', head('content-length: 4', 'transfer-encoding: chunked') + `0\r\n\r\n${hidden}`],
    ['chunks and a length', head('transfer-encoding: chunked', 'content-length: 4') + `0\r\n\r\n${hidden}`],
    ['a coding behind chunked', head('transfer-encoding: chunked, identity') + `0\r\n\r\n${hidden}`],
    [
      'chunks, and then none',
      head('transfer-encoding: chunked', 'transfer-encoding: identity') + `0\r\n\r\n${hidden}`
    ],
    ['no coding, and a length', head('transfer-encoding: identity', 'content-length: 0') + hidden],
    ['a coding that is none', head('transfer-encoding: xchunked') + `0\r\n\r\n${hidden}`],
    ['a blank before the colon', head('transfer-encoding : chunked') + `0\r\n\r\n${hidden}`],
    [
      'a header that goes on in the next line',
      head('x: a', ' transfer-encoding: chunked', 'content-length: x')
    ],
    ['two lengths', head('content-length: 0', 'content-length: 5')],
    ['a length with a sign', head('content-length: +5') + 'a=b&c'],
    ['a negative length', head('content-length: -5')],
    ['lines that end in LF alone', head('transfer-encoding: chunked').replaceAll('\r\n', '\n') + '0\n\n'],
    ['a NUL in a header', head('x: a\0b')],
    ['a CR in a header', head('x: a\rb')],
    ['a chunk without a size', head('transfer-encoding: chunked') + 'g\r\n\r\n'],
    ['a chunk whose size has no end', head('transfer-encoding: chunked') + `${'f'.repeat(40)}\r\n`],
    ['a chunk that is longer than it says', head('transfer-encoding: chunked') + '1\r\nabc\r\n0\r\n\r\n'],
    [
      'a chunk that says more and more of itself',
      head('transfer-encoding: chunked') + `1;${'a=b;'.repeat(8192)}\r\na\r\n0\r\n\r\n`
    ],
    ['a chunk whose size ends in LF alone', head('transfer-encoding: chunked') + `1\na\r\n0\r\n\r\n`],
    ['a chunk that ends in LF alone', head('transfer-encoding: chunked') + `1\r\na\n0\r\n\r\n`],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no version', 'POST /v1/customers\r\n\r\n']
  ]
  for (const [what, bytes] of rows) {
    const { line, body } = await raw(port, bytes)
    t.match(line, /^HTTP\/1\.1 4\d\d /, what)
    t.match(JSON.parse(body), { error: { type: 'invalid_request_error' } }, what)
  }
  t.equal(await customers(server), before, 'none of them was a customer’s create')
  t.match((await raw(port, hidden)).line, /^HTTP\/1\.1 200 /, 'by itself it is one')
  t.equal(await customers(server), before + 1)
})

t.test('what would be more than it looks is refused', async (t) => {
  const server = await startServerApp(t)
  const { key, port, url } = server
  const authorization = `Bearer ${key}`
  const post = (headers: Record<string, string>, body: Buffer) =>
    fetch(`${url}/v1/customers`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body
    })
  const bomb = await post({ 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(1 << 20, 'a')))
  t.equal(bomb.status, 415)
  t.match(await bomb.json(), { error: { message: /content encoding "gzip" is not supported/ } })

  for (const encoding of ['deflate', 'br', 'zstd', 'gzip, gzip', 'x'.repeat(100)]) {
    t.equal((await post({ 'content-encoding': encoding }, Buffer.from('name=a'))).status, 415, encoding)
  }

  const large = await post({}, Buffer.from(`name=${'a'.repeat(512 * 1024)}`))
  t.equal(large.status, 413)
  t.match(await large.json(), { error: { type: 'invalid_request_error' } })

  const many = Array.from({ length: 100_000 }, (_, i) => `x${i}: 1\r\n`).join('')
  const { line, body } = await raw(port, `GET /v1/customers HTTP/1.1\r\nhost: a\r\n${many}\r\n`)
  t.match(line, /^HTTP\/1\.1 431 /)
  t.match(JSON.parse(body), { error: { message: /headers are too long/ } })

  const long = await raw(port, `GET /v1/customers?email=${'a'.repeat(1 << 20)} HTTP/1.1\r\nhost: a\r\n\r\n`)
  t.match(long.line, /^HTTP\/1\.1 431 /, 'an URL without an end')
  const trailers = Array.from({ length: 100_000 }, (_, i) => `x${i}: 1\r\n`).join('')
  const behind = await raw(
    port,
    `POST /v1/customers HTTP/1.1\r\nhost: a\r\nauthorization: ${authorization}\r\n` +
      `content-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n0\r\n${trailers}\r\n`
  )
  t.match(behind.line, /^HTTP\/1\.1 431 /, 'headers behind the body')

  const head = `GET /v1/customers HTTP/1.1\r\nauthorization: ${authorization}\r\nconnection: close\r\n`
  t.match((await raw(port, `${head}\r\n`)).line, /^HTTP\/1\.1 400 /, 'no host')
  t.match((await raw(port, `${head}host: a\r\nexpect: a miracle\r\n\r\n`)).line, /^HTTP\/1\.1 417 /)
  const upgrade = await raw(port, `${head}host: a\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n`)
  t.match(upgrade.line, /^HTTP\/1\.1 (200|4\d\d) /, 'there is no other protocol to go on in')
  t.match(
    (
      await raw(
        port,
        `GET http://other.example/v1/customers HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`
      )
    ).line,
    /^HTTP\/1\.1 4\d\d /
  )
  t.match(
    (await raw(port, 'CONNECT other.example:443 HTTP/1.1\r\nhost: a\r\n\r\n')).line,
    /^(HTTP\/1\.1 4\d\d |$)/
  )
})

t.test('whoever sends without an end is cut off', async (t) => {
  const { app, key, port } = await startServerApp(t)
  t.equal(app.server.headersTimeout, 15_000)
  t.equal(app.server.requestTimeout, 30_000)
  app.server.headersTimeout = 300
  app.server.requestTimeout = 600
  const head = `POST /v1/customers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\n`
  const body = `content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\nname=`
  await Promise.all(
    [
      ['headers', head],
      ['a body', head + body]
    ].map(async ([what = '', bytes = '']) => {
      const { line, body } = await raw(port, bytes)
      t.match(line, /^HTTP\/1\.1 408 /, what)
      t.match(JSON.parse(body), { error: { message: /did not arrive in time/ } }, what)
    })
  )

  // Chunks that never end: refused at the limit, not kept until the memory is full.
  app.server.headersTimeout = app.server.requestTimeout = 300_000
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(`${head}content-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n`)
  for (let i = 0; i < 9; i++) socket.write(`10000\r\n${'a'.repeat(65_536)}\r\n`)
  await closed
  t.match(answer, /^(HTTP\/1\.1 413 |$)/, 'unless the end of the connection overtakes it')
})

t.test('who asks for the head alone gets no more, though it can not be read', async (t) => {
  const { port } = await startServerApp(t)
  const rows: [what: string, lines: string, status: number][] = [
    ['too long a header', `host: a\r\nx: ${'x'.repeat(20_000)}`, 431],
    ['two lengths', 'host: a\r\ncontent-length: 1\r\ncontent-length: 2', 400]
  ]
  for (const [what, lines, status] of rows) {
    const ask = (method: string) => raw(port, `${method} /v1/customers HTTP/1.1\r\n${lines}\r\n\r\n`)
    const [get, head] = await Promise.all([ask('GET'), ask('HEAD')])
    t.equal(head.line.split(' ')[1], String(status), what)
    t.equal(head.headers, get.headers, what)
    t.equal(head.body, '', what)
    t.match(head.headers, `Content-Length: ${get.body.length}`, what)
    t.ok(get.body.length > 0)
  }
})
