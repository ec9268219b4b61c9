/** The secret test key that a page uses for its visitors. */
export interface KeyForPages {
  secretKey?: string | undefined
}
