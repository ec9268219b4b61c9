import { isLockTimeout } from '../../../plugins/database/errors/lock-timeout'
import { sqlState } from '../../../plugins/database/errors/sql-errors'

/**
 * Returns true for errors after which the same transaction can succeed: lost connections, conflicts between
 * transactions, full resources, locks, shut-downs and cancels.
 */
export const passes = (error: unknown): boolean =>
  isLockTimeout(error) || /^(08|25|40|53|55|57|58)/.test(sqlState(error) ?? '')
