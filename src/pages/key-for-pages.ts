/** The test-mode secret key that a page uses. */
export interface KeyForPages {
  secretKey?: string | undefined
}
