/** Spells a provider's time as ISO 8601 UTC; one without a zone is taken as UTC. `undefined` for anything else. */
export function toIsoTime(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(value);
  const milliseconds = Date.parse(hasZone || !value.includes('T') ? value : `${value}Z`);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}
