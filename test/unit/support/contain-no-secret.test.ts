import { describe, expect, it } from 'vitest';
import '#test/support/contain-no-secret.ts';

const secret = 'lsv2_pt_0123456789abcdef0123456789abcdef_9876543210';

describe('toContainNoSecret', () => {
  it('finds a secret in clear, in part, and encoded', () => {
    const forms = [
      `Authorization: ${secret}`,
      { body: [secret.slice(10, 35)] },
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
    ];
    for (const form of forms) expect(() => expect(form).toContainNoSecret([secret])).toThrow('found secret 0');
  });

  it('never prints the secret that it found', () => {
    const failure = (() => {
      try {
        expect(secret).toContainNoSecret([secret]);
        return 'passed';
      } catch (error) {
        return String(error);
      }
    })();
    expect(failure).toContain('found secret 0 in clear');
    expect(failure.includes(secret)).toBe(false);
  });

  it('lets pass what a clue keeps', () => {
    expect({ head: 'lsv2_pt_01234567', tail: '76543210' }).toContainNoSecret([secret]);
  });
});
