/** The `cr-…` spelling of a credential id, which Dfns also gives base64url-encoded; any other id as it is. */
function spell(id: string): string {
  if (id.startsWith('cr-')) return id;
  const decoded = Buffer.from(id, 'base64url').toString('latin1');
  return /^cr-[A-Za-z0-9_-]+$/.test(decoded) ? decoded : id;
}

/**
 * Compares two credential ids in either spelling; `undefined` when they are of different kinds, so that their difference
 * says nothing.
 */
export function isSameCredential(left: string, right: string): boolean | undefined {
  const [one, other] = [spell(left), spell(right)];
  if (one === other) return true;
  return one.startsWith('cr-') === other.startsWith('cr-') ? false : undefined;
}

/** Picks the credential to sign with: the configured one if Dfns allows it, else the only one allowed. */
export function chooseCredential(configured: string | undefined, allowed: readonly string[]): string | undefined {
  if (configured !== undefined) return allowed.find((id) => isSameCredential(id, configured) === true);
  return allowed.length === 1 ? allowed[0] : undefined;
}
