/** The page's script: plain JavaScript. It inserts data as text only, never as HTML. */
export const script = String.raw`
const root = location.pathname.replace(/inspector\/?$/, '')
const $ = (id) => document.getElementById(id)
let key = ''

/** Makes an element with its text or its children. */
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children.filter((child) => child !== undefined && child !== null))
  return made
}

async function call(method, path, params) {
  const response = await fetch(root + path, {
    method,
    headers: {
      authorization: 'Bearer ' + key,
      // The log skips the page's own reads.
      ...(method === 'GET' && { 'x-inspector': 'true' }),
      ...(params && { 'content-type': 'application/x-www-form-urlencoded' })
    },
    ...(params && { body: new URLSearchParams(params) })
  })
  const body = await response.json()
  if (!response.ok) throw Object.assign(new Error(body.error?.message ?? String(response.status)), { code: body.error?.code })
  return body
}

function say(text, how) {
  $('state').textContent = text
  $('state').className = how
}

/** Replaces the children, and restores the focus to the child with the same label. */
function fill(list, ...children) {
  const label = list.contains(document.activeElement) && document.activeElement.getAttribute('aria-label')
  list.replaceChildren(...children)
  if (label) list.querySelector('[aria-label="' + CSS.escape(label) + '"]')?.focus()
}

const time = (milliseconds) => new Date(milliseconds).toLocaleTimeString([], { hour12: false })

// --- requests ---

function showRequest(entry) {
  const kind = entry.status < 300 ? 'good' : entry.status < 500 ? 'wait' : 'bad'
  const query = entry.query.length > 0 ? '?' + entry.query.join('&') : ''
  const body = { request: entry.request ?? undefined, response: entry.response ?? undefined }
  $('requests').prepend(
    el('li', {}, el('details', {},
      el('summary', {},
        el('time', {}, time(entry.time)),
        el('span', { class: 'method' }, entry.method), ' ',
        el('span', { class: kind }, String(entry.status)), ' ',
        el('span', { class: 'path' }, entry.path + query), ' ',
        entry.replayed ? el('span', { class: 'replay' }, 'replayed') : el('span'), ' ',
        el('span', { class: 'took' }, entry.milliseconds.toFixed(1) + ' ms')
      ),
      el('p', { class: 'id' }, 'Request ' + entry.id),
      el('pre', {}, JSON.stringify(body, null, 2))
    ))
  )
  while ($('requests').children.length > 200) $('requests').lastChild.remove()
  noRequests()
  if (entry.method !== 'GET') reloadSoon()
}

const noRequests = () => { $('no-requests').hidden = $('requests').children.length > 0 }

async function listen(signal) {
  const headers = { authorization: 'Bearer ' + key, 'x-inspector': 'true' }
  const response = await fetch(root + 'inspector/requests', { headers, signal })
  if (!response.ok) throw new Error((await response.json()).error.message)
  say('live', 'on')
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    text += value
    const parts = text.split('\n\n')
    text = parts.pop()
    for (const part of parts) if (part.startsWith('data: ')) showRequest(JSON.parse(part.slice(6)))
  }
}

let listening
async function connect() {
  listening?.abort()
  const { signal } = (listening = new AbortController())
  while (!signal.aborted) {
    $('requests').replaceChildren()
    noRequests()
    try {
      await reload()
      await listen(signal)
      say('connection lost, reconnecting', 'off')
    } catch (error) {
      if (signal.aborted) return
      say(error.message, 'off')
      if (!(error instanceof TypeError)) return
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

// --- customers and their cards ---

function cardOf(method, isDefault) {
  const details = method[method.type] ?? {}
  const { last4 = '', exp_month: month, exp_year: year } = details
  const brand = details.display_brand ?? details.brand ?? details.bank_name ?? method.type
  const hasExpired = year !== undefined && new Date(year, month) < new Date()
  const expiry = year === undefined ? '' : String(month).padStart(2, '0') + '/' + String(year).slice(-2)
  const label = [brand + ' ending in ' + last4, isDefault && 'default', hasExpired && 'expired'].filter(Boolean).join(', ')
  return el('li', { class: ['card', details.brand ?? '', hasExpired ? 'expired' : ''].join(' '), 'aria-label': label },
    el('span', { class: 'brand' }, brand.replaceAll('_', ' ')),
    isDefault ? el('span', { class: 'default' }, 'default') : null,
    el('span', { class: 'digits' }, method.type === 'card' ? '•••• •••• •••• ' + last4 : '•••• ' + last4),
    el('span', { class: 'foot' },
      el('span', {}, hasExpired ? 'expired ' + expiry : expiry),
      el('span', {}, method.customer ? 'attached' : 'unattached')
    )
  )
}

async function showCustomers() {
  const { data } = await call('GET', 'v1/customers?limit=20')
  const shown = await Promise.all(data.map(async (customer) => {
    const methods = await call('GET', 'v1/customers/' + encodeURIComponent(customer.id) + '/payment_methods?limit=20')
    const standard = customer.invoice_settings?.default_payment_method
    return el('article', { class: 'customer' },
      el('h3', {}, customer.name ?? customer.email ?? 'Customer', ' ', el('span', { class: 'id' }, customer.id)),
      methods.data.length === 0
        ? el('p', { class: 'none' }, 'No payment methods.')
        : el('ul', { class: 'cards' }, ...methods.data.map((method) => cardOf(method, method.id === standard)))
    )
  }))
  if (shown.length > 0) fill($('customers'), ...shown)
  offer(data)
}

let offered = ''
function offer(customers) {
  const names = customers.map(({ id, name, email }) => [id, name ?? email ?? id, name || email ? ' · ' + id : ''])
  // A change would close an open list.
  if (JSON.stringify(names) === offered) return
  offered = JSON.stringify(names)
  const before = $('customer').value
  $('customer').replaceChildren(
    el('option', { value: 'new' }, 'a new one'),
    ...names.map(([id, name, more]) => el('option', { value: id }, name + more))
  )
  if (names.some(([id]) => id === before)) $('customer').value = before
}

// --- events ---

function deliveryOf({ url, endpoint, state, attempts, status }) {
  const kind = state === 'delivered' ? 'good' : state === 'failed' ? 'bad' : 'wait'
  const tried = attempts > 0 ? ', ' + attempts + (attempts === 1 ? ' try' : ' tries') : ''
  return el('div', { class: kind }, state + (status ? ' ' + status : '') + tried + ' · ' + (url ?? endpoint))
}

function eventOf(event) {
  const resend = el('button', { type: 'button', 'aria-label': 'Resend ' + event.type + ' ' + event.id }, 'Resend')
  resend.addEventListener('click', async () => {
    // The button stays enabled during the call: a disabled button would lose the focus.
    try {
      const { sent_to } = await call('POST', 'inspector/events/' + encodeURIComponent(event.id) + '/resend', {})
      say(sent_to.length === 0 ? 'no endpoint is subscribed to that event' : 'sent again', 'on')
      reloadSoon()
    } catch (error) {
      say(error.message, 'off')
    }
  })
  return el('li', {},
    el('span', {}, el('strong', {}, event.type), ' ', el('time', { class: 'id' }, time(event.created * 1000))),
    resend,
    el('div', { class: 'about' }, el('span', { class: 'id' }, event.about ?? ''), ...event.deliveries.map(deliveryOf))
  )
}

async function showEvents() {
  const { data } = await call('GET', 'inspector/events')
  if (data.length > 0) fill($('events'), ...data.map(eventOf))
}

const reload = () => Promise.all([showCustomers(), showEvents()])

let due
function reloadSoon() {
  due ??= setTimeout(() => {
    due = undefined
    reload().catch((error) => say(error.message, 'off'))
  }, 500)
}

// --- user actions ---

$('attach').addEventListener('submit', async (event) => {
  event.preventDefault()
  const answer = $('answer')
  try {
    let customer = $('customer').value
    if (customer === 'new') customer = (await call('POST', 'v1/customers', {})).id
    const id = $('payment-method').value || $('other').value.trim()
    const attached = await call('POST', 'v1/payment_methods/' + encodeURIComponent(id) + '/attach', { customer })
    if ($('default').checked) {
      await call('POST', 'v1/customers/' + encodeURIComponent(customer), {
        'invoice_settings[default_payment_method]': attached.id
      })
    }
    answer.textContent = attached.id + ' is attached to ' + customer
    answer.className = 'good'
  } catch (error) {
    answer.textContent = (error.code ? error.code + ': ' : '') + error.message
    answer.className = 'bad'
  }
  reloadSoon()
})

$('reload').addEventListener('click', reloadSoon)
$('clear').addEventListener('click', () => {
  $('requests').replaceChildren()
  noRequests()
})
$('payment-method').addEventListener('change', () => {
  const isOther = $('payment-method').value === ''
  for (const each of [$('other'), $('other-label')]) each.hidden = !isOther
  $('other').required = isOther
})
$('open').addEventListener('submit', (event) => {
  event.preventDefault()
  key = $('key').value.trim()
  connect()
})

const given = await fetch(root + 'inspector/key').then((response) => response.json())
if (given.key) {
  key = given.key
  $('open').hidden = true
  connect()
} else say('enter a test-mode secret key', '')
`
