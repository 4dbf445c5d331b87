import { describe, expect, it } from 'vitest';
import { readIssuerUrls } from '#functions/runtime/read-issuer-urls.ts';

describe('readIssuerUrls', () => {
  it('puts nothing in the place of what the policy says, unless it is told', () => {
    expect(readIssuerUrls({})).toEqual({});
    expect(readIssuerUrls({ ISSUER_URLS: '{"dfns":"https://dfns.test"}' })).toEqual({ dfns: 'https://dfns.test' });
  });

  it.each(['', 'no json', '[]', '{"dfns":"no url"}', '{"dfns":1}'])('refuses %j and quotes nothing of it', (value) => {
    expect(() => readIssuerUrls({ ISSUER_URLS: value })).toThrow(
      expect.objectContaining({ code: 'config_invalid', detail: 'environment: ISSUER_URLS missing or malformed' }),
    );
  });
});
