/** True for the id of a tenant, which may stand where others name an organisation. */
export function isTenant(id: string | undefined): boolean {
  return id?.startsWith('tn-') === true;
}
