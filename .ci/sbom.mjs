import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

// npm run sbom: prints what an install of the package brings with it, fastify included, as CycloneDX. Asked with
// `--omit dev` in the checkout, npm leaves out what a development dependency needs as well: pg and half of the rest.
const folder = mkdtempSync(join(tmpdir(), 'payment-vault-sbom-'))
const npm = (...args) => {
  const { status, stdout, stderr } = spawnSync('npm', [...args, '--package-lock-only', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 << 20
  })
  if (status === 0) return stdout
  throw new Error(`npm ${args.join(' ')}\n${stderr}`)
}
try {
  const { name, version, description, license, engines, dependencies, peerDependencies } = JSON.parse(
    readFileSync('package.json', 'utf8')
  )
  const shipped = { name, version, description, license, engines, dependencies, peerDependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(shipped))
  copyFileSync('package-lock.json', join(folder, 'package-lock.json'))
  npm('prune', '--omit=dev', '--offline', '--no-audit', '--no-fund')
  process.stdout.write(npm('sbom', '--sbom-format', 'cyclonedx'))
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
