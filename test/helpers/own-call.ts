import { unbatched } from '../../plugins/database/batcher'
import { firstAccount } from '../../src/resources/accounts/keys'
import type { Call, Vault } from '../../src/resources/call'
import { objects } from '../../src/resources/index'
import { accountIn } from '../../src/protocol/view'
import { CommittedEvents } from '../../src/resources/events/committed'
import { testProcessor } from '../../src/processor/test/processor'
import { keyFor } from '../../src/protocol/values/derived-secret'
import { newRequestId } from '../../src/protocol/values/ids'
import { pageVersion } from '../../src/protocol/versions'
import { fingerprintKey, type TestVault } from './vault'

/** A call of the vault's own, such as the page makes where somebody authenticates. */
export async function ownCall({ db, url }: TestVault, more: Partial<Vault> = {}): Promise<Call> {
  const vault: Vault = {
    db,
    batcher: unbatched(db),
    processor: testProcessor({ fingerprintKey }),
    processorTimeout: 5000,
    parametersKey: keyFor('idempotency parameters', fingerprintKey),
    secretsKey: keyFor('secrets', fingerprintKey),
    defaultVersion: pageVersion,
    publicUrl: undefined,
    committed: new CommittedEvents(),
    objects,
    ...more
  }
  return {
    vault,
    account: accountIn(await firstAccount(db), false),
    livemode: false,
    publishable: false,
    version: pageVersion,
    requestId: newRequestId(),
    baseUrl: url,
    attempt: null
  }
}
