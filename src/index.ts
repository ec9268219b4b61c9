import type { Objects } from './in-process/objects'

export { paymentVault } from './plugin/payment-vault'
export type { PaymentVaultOptions } from './plugin/options'
export type { PaymentVault, WithPaymentVault } from './in-process/decorate'
export type { InProcess } from './in-process/in-process'
export type { CallOptions, JoinedCallOptions } from './in-process/call-options'
export type { TransactionClient } from '../plugins/database/host-transaction'
export { PaymentVaultError } from './in-process/error'
export type { ErrorHash } from './in-process/error'
export type { EventHandler, EventName } from './in-process/listeners'
export type { EventObject, VaultEvent } from './in-process/events'
export type { EventType } from './resources/events/event'
export { AttachRefused } from './in-process/attach-refused'
export type { AttachRefusal } from './in-process/attach-refused'
export type { AttachInProgress, BeforeAttach } from './in-process/before-attach'
export type { HostTransaction } from './in-process/transaction/transaction'
export type { Authenticate, Permissions, Principal } from '../plugins/auth/api-keys'
export type { GuessLimit } from '../plugins/auth/guess-limit'
export type { RateLimit } from '../plugins/auth/rate-limit'
export { checkMigrations, migrate, migrationStatus } from './storage/migrations/migrate'
export { MigrationError } from './storage/migrations/migration-error'
export type { MigrateOptions, MigrationStatus } from './storage/migrations/migrate'
export type { RetryDelays } from './webhooks/schedule/schedule'
export { openApiDocument } from './pages/document'
export type { OpenApiOptions } from './pages/document'
export { BankAccountRefused } from './processor/bank-account'
export type {
  AccountHolderType,
  AccountType,
  BankAccountDetails,
  BankAccountHashes,
  BankAccountRefusal,
  BankAccountType,
  BankNetwork,
  TokenizedBankAccount
} from './processor/bank-account'
export { CardRefused } from './processor/card-processor'
export type {
  CardAddress,
  CardBrand,
  CardDetails,
  CardErrorCode,
  CardFunding,
  CardProcessor,
  CardRefusal,
  PreferredNetwork,
  TokenizedCard
} from './processor/card-processor'
export type { CardChecks, CheckOutcome } from './processor/card-checks'
export type { ProcessorContext } from './processor/context'
export type {
  AuthenticationWanted,
  Authorized,
  Captured,
  Payment,
  PaymentOutcome,
  PaymentProcessor,
  Refunded,
  SetUp,
  SetUpOutcome
} from './processor/payment-processor'
export { testProcessor } from './processor/test/processor'

// The object of each kind, by a name of its own.
export type ChargeObject = Objects['charge']
export type CustomerObject = Objects['customer']
export type EventHash = Objects['event']
export type PaymentIntentObject = Objects['payment_intent']
export type PaymentMethodObject = Objects['payment_method']
export type RefundObject = Objects['refund']
export type SetupAttemptObject = Objects['setup_attempt']
export type SetupIntentObject = Objects['setup_intent']
export type TokenObject = Objects['token']
export type WebhookEndpointObject = Objects['webhook_endpoint']
