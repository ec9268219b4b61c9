import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execPath, exit } from 'node:process'

// npm run build: the compiled code, the migrations for people to read, and what a bundler must be able to take along.
rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync(execPath, ['node_modules/typescript/bin/tsc'], { stdio: 'inherit' })
if (status !== 0) exit(1)
cpSync('migrations', 'dist/migrations', { recursive: true })

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const names = readdirSync('migrations', { recursive: true })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.sql'))
const migrations = Object.fromEntries(names.map((name) => [name, readFileSync(`migrations/${name}`, 'utf8')]))
writeFileSync('dist/built.json', JSON.stringify({ version, migrations }))
