/** Escapes text for SVG. */
export const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
export const label = (x, y, text, more = '') => `<text x="${x}" y="${y}"${more}>${escaped(text)}</text>`
export const box = ({ x, y, w, h }, kind) =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="6" class="${kind}"/>`

/** Returns a picture that reads well on light and dark pages. */
export function picture({ width, height, title }, drawn) {
  const marker =
    '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">' +
    '<path d="M0 0L8 4L0 8z" class="head"/></marker></defs>'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<style>text { fill: #57606a } .name { fill: #1f2328; font-weight: 600 } .title, .floor { fill: #1f2328; font-size: 15px; font-weight: 600 }
.room { fill: #ddf4ff; stroke: #54aeff } .inner { fill: #ffffff; stroke: #8b949e } .ground { fill: #dafbe1; stroke: #4ac26b }
.route { fill: none; stroke: #bf3989; stroke-width: 2; opacity: .55 } .dot { fill: #bf3989 } .step { fill: #ffffff; font-size: 11px; font-weight: 600 }
.arrow { stroke: #57606a; stroke-width: 1.5; marker-end: url(#end) } .head { fill: #57606a }
@media (prefers-color-scheme: dark) { text { fill: #c9d1d9 } .name, .title, .floor { fill: #f0f6fc }
.room { fill: #0c2d6b } .inner { fill: #161b22 } .ground { fill: #033a16 } .arrow { stroke: #c9d1d9 } .head { fill: #c9d1d9 } }</style>`,
    marker,
    ...drawn,
    '</svg>',
    ''
  ].join('\n')
}
