export { paymentVault } from './payment-vault'
export type { PaymentVaultOptions } from './options'
export type { PaymentVault } from './host/decorate'
export type { InProcess } from './host/in-process'
export type {
  ChargeObject,
  EventHash,
  PaymentIntentObject,
  RefundObject,
  SetupAttemptObject,
  SetupIntentObject,
  TokenObject,
  WebhookEndpointObject
} from './host/operation-types'
export type { CallOptions, JoinedCallOptions } from './host/call-options'
export type { TransactionClient } from '../plugins/joined-database'
export { PaymentVaultError } from './host/error'
export type { ErrorHash } from './host/error'
export type { EventHandler, EventName } from './host/listeners'
export type { CustomerObject, EventObject, PaymentMethodObject, VaultEvent } from './host/events'
export type { EventType } from './events/store'
export { AttachRefused } from './host/attach-refused'
export type { AttachRefusal } from './host/attach-refused'
export type { AttachInProgress, BeforeAttach } from './host/before-attach'
export type { HostTransaction } from './host/transaction'
export type { Authenticate, Permissions, Principal } from '../plugins/authentication'
export type { GuessLimit } from '../plugins/key-guesses'
export type { RateLimit } from '../plugins/rate-limit'
export { checkMigrations, migrate, MigrationError, migrationStatus } from './migrate'
export type { MigrateOptions, MigrationStatus } from './migrate'
export type { RetryDelays } from './webhooks/schedule'
export { openApiDocument } from './openapi-document'
export type { OpenApiOptions } from './openapi-document'
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
  CardChecks,
  CardDetails,
  CardErrorCode,
  CardFunding,
  CardProcessor,
  CardRefusal,
  CheckOutcome,
  PreferredNetwork,
  ProcessorContext,
  TokenizedCard
} from './processor/card-processor'
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
export { testProcessor } from './processor/test-processor'
