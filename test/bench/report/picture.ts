export interface Line {
  label: string
  points: readonly { x: number; y: number }[]
}

const width = 800
const height = 420
const left = 70
const right = 280
const top = 30
const bottom = 50

// Told apart by brightness and marker too, and readable on white and on black.
const colours = ['#2f81f7', '#a371f7', '#db6d28', '#cf222e', '#2da44e']
const dashes = ['', '8 3', '2 3', '6 2 2 2', '1 4']

/** Attaches a second against connections, both in powers, as an SVG without a background of its own. */
export function picture(lines: readonly Line[], connections: readonly number[]): string {
  const rates = lines.flatMap(({ points }) => points.map(({ y }) => y))
  const xs = scale(Math.min(...connections), Math.max(...connections), left, width - right)
  const low = Math.min(...rates) / 1.2
  const high = Math.max(...rates) * 1.1
  const ys = scale(low, high, height - bottom, top)
  const ticks = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    '<title>Attaches a second against connections</title>',
    '<style>text { fill: #57606a } .axis { stroke: #8b949e } .grid { stroke: #8b949e; opacity: .25 }',
    '@media (prefers-color-scheme: dark) { text { fill: #c9d1d9 } }</style>',
    ...connections.map((x) =>
      [
        segment(xs(x), top, xs(x), height - bottom, 'grid'),
        text(xs(x), height - bottom + 20, String(x), 'middle')
      ].join('')
    ),
    ...ticks
      .filter((y) => y >= low && y <= high)
      .map((y) =>
        [
          segment(left, ys(y), width - right, ys(y), 'grid'),
          text(left - 8, ys(y) + 4, y.toLocaleString('en-US'), 'end')
        ].join('')
      ),
    segment(left, height - bottom, width - right, height - bottom, 'axis'),
    segment(left, top, left, height - bottom, 'axis'),
    text((left + width - right) / 2, height - 10, 'connections', 'middle'),
    `<text transform="translate(16 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">attaches a second</text>`,
    ...lines.map((line, i) => drawn(line, i, xs, ys)),
    ...labels(lines, ys).map(
      ({ label, y, colour }) =>
        `<text x="${width - right + 14}" y="${round(y)}" style="fill: ${colour}">${label}</text>`
    ),
    '</svg>',
    ''
  ].join('\n')
}

function drawn({ points }: Line, i: number, xs: Scale, ys: Scale): string {
  const colour = colours[i % colours.length] ?? ''
  const path = points.map(({ x, y }) => `${round(xs(x))},${round(ys(y))}`).join(' ')
  const markers = points.map(
    ({ x, y }) => `<circle cx="${round(xs(x))}" cy="${round(ys(y))}" r="3.5" fill="${colour}"/>`
  )
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes[i % dashes.length] ?? ''}"/>${markers.join('')}`
}

/** Each at its line's end, and as far from the next one as it takes to be read. */
function labels(lines: readonly Line[], ys: Scale): { label: string; y: number; colour: string }[] {
  const placed = lines
    .map(({ label, points }, i) => ({
      label,
      y: ys(points.at(-1)?.y ?? 1) + 4,
      colour: colours[i % colours.length] ?? ''
    }))
    .sort((a, b) => a.y - b.y)
  let above = -Infinity
  for (const each of placed) above = each.y = Math.max(each.y, above + 17)
  return placed
}

type Scale = (value: number) => number

const scale = (low: number, high: number, from: number, to: number): Scale => {
  const range = Math.log(high / low) || 1
  return (value) => from + (Math.log(value / low) / range) * (to - from)
}

const segment = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}"/>`

const text = (x: number, y: number, words: string, anchor: string): string =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${words}</text>`

const round = (value: number): number => Math.round(value * 10) / 10
