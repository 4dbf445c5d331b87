/** The mark, 12 bytes of MAC and the ciphertext in base64url, each behind a separator that neither JSON nor an id begins with. */
export const ENCRYPTED_VALUE = /^~([\w-]{10})~([\w-]{16})~([\w-]*)$/;

/** What can be pressed. */
export const PRESSED_TYPES: ReadonlySet<unknown> = new Set(['button', 'overflow', 'static_select']);
