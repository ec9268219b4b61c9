#!/usr/bin/env node
import { createAccountCommand, listAccountsCommand } from './commands/accounts'
import { readCommand, UsageError } from './arguments'
import { exportCommand, importCommand } from './commands/backup'
import { help } from './help'
import { deliverCommand } from './commands/deliver'
import { createKeyCommand, listKeysCommand, revokeKeyCommand, rollKeyCommand } from './commands/keys'
import { listenCommand } from './commands/listen'
import { migrateCommand, statusCommand } from './commands/migrate'
import { resendCommand } from './commands/resend'
import { start } from './commands/start'
import { listWebhooksCommand, rollSecretCommand } from './commands/webhooks'
import { sentenceOf } from '../../plugins/errors/error-message'
import { readSettings } from '../server/settings'
import { version } from '../storage/version'

/** Runs one command and gives back the exit code. */
async function main(args: string[]): Promise<number> {
  const command = readCommand(args)
  if (command.name === 'help') return print(help)
  if (command.name === 'version') return print(version())
  const settings = readSettings(process.env)
  switch (command.name) {
    case 'start':
      return start(settings)
    case 'migrate':
      return print(await migrateCommand(settings, tell))
    case 'status':
      return print(await statusCommand(settings, tell))
    case 'keys create':
      return print(await createKeyCommand(settings, tell, command))
    case 'keys list':
      return print(await listKeysCommand(settings, tell))
    case 'keys roll':
      return print(await rollKeyCommand(settings, tell, command))
    case 'keys revoke':
      return print(await revokeKeyCommand(settings, tell, command.id))
    case 'accounts create':
      return print(await createAccountCommand(settings, tell, command.parent))
    case 'accounts list':
      return print(await listAccountsCommand(settings, tell))
    case 'export':
      await exportCommand(settings, tell, command.account)
      return 0
    case 'import':
      return print(await importCommand(settings, tell, command.file))
    case 'webhooks list':
      return print(await listWebhooksCommand(settings, tell))
    case 'webhooks roll':
      return print(await rollSecretCommand(settings, tell, command))
    case 'events resend':
      return print(await resendCommand(settings, tell, command))
    case 'deliver':
      return deliverCommand(settings, tell)
    case 'listen':
      return listenCommand(settings, tell, print, command)
  }
}

function print(text: string): number {
  console.log(text)
  return 0
}

/** Beside the output, so that `key=$(… keys create)` holds the key alone. */
const tell = (line: string): void => {
  console.error(line)
}

// Whoever reads the output may stop reading (`| head`).
process.stdout.on('error', () => undefined)

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    tell(sentenceOf(error))
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
)
