import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { box, label, picture } from './svg.mjs'

/** The floors from the top, each with its folders and what they are for. An upper floor imports from lower ones. */
const floors = [
  { 'src/cli': 'commands, export and import' },
  { 'src/server': 'stand-alone server and its settings' },
  { 'src/plugin': 'the Fastify plugin: hooks, options' },
  { 'src/pages': 'inspector, docs, 3D Secure test page, OpenAPI document' },
  { 'src/in-process': 'app.paymentVault: calls, listeners', 'src/webhooks': 'delivery' },
  { 'src/resources': 'a folder per resource: what is sent, shown, stored, and its rules' },
  {
    'src/protocol': 'ids, versions, lists, schemas',
    'src/processor': 'card processor contract',
    'src/storage': 'pool, migrations, Postgres'
  },
  { plugins: 'Fastify and Postgres plumbing: knows nothing of payments' },
  { migrations: 'tables, and the rules in SQL' }
]

/** Floors that show the folders inside: these first, in an order that keeps the route short, then all others. */
const opened = {
  'src/resources': ['payment-methods', 'customers', 'intents', 'tokens', 'events'],
  plugins: ['auth', 'params', 'database', 'idempotency', 'reply']
}

/** How far to the right the dots are in a wide box; elsewhere they are at its end. */
const dotsAt = { 'src/plugin': 0.42, migrations: 0.62 }

/** One attach with a secret key and an idempotency key: the folder, the file, a name in it (if one tells more), what happens. */
const attach = [
  ['src/plugin', 'receive.ts', 'receiveCalls', 'starts the call'],
  ['plugins/auth', 'api-keys.ts', 'keyAuthentication', 'finds the account of the key'],
  ['plugins/params', 'form.ts', 'form', 'parses the body'],
  ['plugins/params', 'validation.ts', 'validatorCompiler', 'validates the parameters'],
  ['src/resources/payment-methods', 'attach.ts', 'attach', 'orders the steps of the call'],
  ['plugins/database', 'batcher.ts', 'Batcher', 'shares one transaction with others'],
  ['src/resources/payment-methods', 'attach-store.ts', 'attaching', 'sends one statement'],
  ['migrations', 'functions/attach.sql', 'attach', 'decides: key, change, event'],
  ['src/resources/events', 'committed.ts', 'CommittedEvents', 'announces the event'],
  ['src/in-process', 'listeners.ts', 'listeners', "calls the host's listeners"],
  ['src/webhooks', 'plugin.ts', '', 'wakes the delivery'],
  ['plugins/reply', 'headers.ts', 'answerHeaders', 'writes the answer']
]

const width = 1190
const house = { left: 20, width: 760 }
const legend = 810

const gap = 12

export function architecture() {
  const places = new Map()
  const boxes = []
  const labels = []
  let y = 44
  for (const [index, floor] of floors.entries()) {
    const names = Object.keys(floor)
    const inside = insideOf(names[0])
    const h = inside.length > 0 ? 32 + Math.ceil(inside.length / 5) * (44 + gap) : 54
    const x = house.left + 30
    const w = house.width - 30
    const number = floors.length - 1 - index
    if (number > 0) labels.push(label(house.left, y + 22, String(number), ' class="floor"'))
    for (const [name, at] of rowsOf(names, { x, y, w }, names.length, h)) {
      places.set(name, at)
      boxes.push(box(at, number > 0 ? 'room' : 'ground'))
      labels.push(label(at.x + 10, at.y + 20, name, ' class="name"'))
      const below = inside.length === 0
      labels.push(label(at.x + (below ? 10 : 20 + name.length * 8), at.y + (below ? 40 : 20), floor[name]))
    }
    for (const [name, at] of rowsOf(inside, { x: x + 10, y: y + 32, w: w - 20 }, 5, 44)) {
      places.set(name, at)
      boxes.push(box(at, 'inner'))
      labels.push(label(at.x + 8, at.y + 18, name.replace(/.*\//, '')))
    }
    y += h + gap
  }
  const dots = dotsIn(places)
  const height = y + 10
  return picture({ width, height, title: 'Floors of the code, and one attach through them' }, [
    label(house.left, 24, 'Imports only go down', ' class="title"'),
    label(legend, 24, 'One attach', ' class="title"'),
    ...boxes,
    ...dots.slice(1).map((to, index) => route(dots[index], to)),
    ...labels,
    ...dots.map(dot),
    ...attach.flatMap(([folder, file, name, what], index) => {
      const at = 58 + index * 50
      const where = `${folder.replace(/.*\//, '')}/${file}`
      return [
        dot({ x: legend + 10, y: at - 4 }, index),
        label(legend + 30, at, what, ' class="name"'),
        label(legend + 30, at + 18, `${where}  ${name}`.trim())
      ]
    })
  ])
}

const foldersIn = (path) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${path}/${name}`)
    .sort()

function insideOf(floor) {
  const first = (opened[floor] ?? []).map((name) => `${floor}/${name}`)
  const all = Object.hasOwn(opened, floor) ? foldersIn(floor) : []
  return [...first.filter((name) => all.includes(name)), ...all.filter((name) => !first.includes(name))]
}

/** Boxes side by side, in rows of so many. */
function rowsOf(names, { x, y, w }, each, h) {
  const boxWidth = Math.floor((w - gap * (each - 1)) / each)
  return names.map((name, index) => {
    const at = { x: x + (index % each) * (boxWidth + gap), y: y + Math.floor(index / each) * (h + gap) }
    return [name, { ...at, w: boxWidth, h }]
  })
}

/** Side by side at the right of each box, in the order of the steps. */
function dotsIn(places) {
  const count = new Map()
  for (const [folder] of attach) count.set(folder, (count.get(folder) ?? 0) + 1)
  const used = new Map()
  return attach.map(([folder]) => {
    const at = places.get(folder)
    if (!at) throw new Error(`There is no folder ${folder}.`)
    const n = used.get(folder) ?? 0
    used.set(folder, n + 1)
    const x = at.x + (folder in dotsAt ? Math.round(at.w * dotsAt[folder]) : at.w - 14)
    return { x: x - 24 * (count.get(folder) - 1 - n), y: at.y + at.h - 14 }
  })
}

function route(from, to) {
  const bend = (from.y + to.y) / 2
  return `<path d="M${from.x} ${from.y}C${from.x} ${bend} ${to.x} ${bend} ${to.x} ${to.y}" class="route"/>`
}

const dot = ({ x, y }, index) =>
  `<circle cx="${x}" cy="${y}" r="10" class="dot"/>` +
  `<text x="${x}" y="${y + 4}" text-anchor="middle" class="step">${index + 1}</text>`

/** Says what the pictures show and the code does not have. */
export function complaints() {
  const shown = floors.flatMap(Object.keys)
  const missing = foldersIn('src').filter((folder) => !shown.includes(folder))
  const gone = attach.filter(([folder, file, name]) => !has(folder, file, name))
  return [
    ...missing.map((folder) => `${folder} is on no floor.`),
    ...gone.map(([folder, file, name]) => `${folder}/${file} has no ${name}.`)
  ]
}

function has(folder, file, name) {
  const path = `${folder}/${file}`
  if (!existsSync(path) || name === '') return existsSync(path)
  return new RegExp(`(function|const|class) (payment_vault\\.)?${name}\\b`).test(readFileSync(path, 'utf8'))
}
