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
import { errorMessage } from '../../plugins/errors/error-message'
import { readSettings } from '../server/settings'
import { version } from '../storage/version'

/** Runs one command. Returns the exit code. */
async function main(args: string[]): Promise<number> {
  const command = readCommand(args)
  if (command.name === 'help') return print(help)
  if (command.name === 'version') return print(version())
  const settings = readSettings(process.env)
  switch (command.name) {
    case 'start':
      return start(settings)
    case 'migrate':
      return print(await migrateCommand(settings, log))
    case 'status':
      return print(await statusCommand(settings, log))
    case 'keys create':
      return print(await createKeyCommand(settings, log, command))
    case 'keys list':
      return print(await listKeysCommand(settings, log))
    case 'keys roll':
      return print(await rollKeyCommand(settings, log, command))
    case 'keys revoke':
      return print(await revokeKeyCommand(settings, log, command.id))
    case 'accounts create':
      return print(await createAccountCommand(settings, log, command.parent))
    case 'accounts list':
      return print(await listAccountsCommand(settings, log))
    case 'export':
      await exportCommand(settings, log, command.account)
      return 0
    case 'import':
      return print(await importCommand(settings, log, command.file))
    case 'webhooks list':
      return print(await listWebhooksCommand(settings, log))
    case 'webhooks roll':
      return print(await rollSecretCommand(settings, log, command))
    case 'events resend':
      return print(await resendCommand(settings, log, command))
    case 'deliver':
      return deliverCommand(settings, log)
    case 'listen':
      return listenCommand(settings, log, print, command)
  }
}

function print(text: string): number {
  console.log(text)
  return 0
}

/** Prints to stderr, so that `key=$(… keys create)` captures only the key. */
const log = (line: string): void => {
  console.error(line)
}

// The reader of the output may close the pipe (`| head`).
process.stdout.on('error', () => undefined)

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    log(errorMessage(error))
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
)
