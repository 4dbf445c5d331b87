import { describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { parseSlackSecret } from '#shared/slack/slack-secret.ts';

const json = (signingSecret: unknown, botToken: unknown = 'xoxb-1') =>
  new Secret(JSON.stringify({ signingSecret, botToken }));

describe('parseSlackSecret', () => {
  it('gives both signing secrets and the current bot token', () => {
    const { signing, botToken } = parseSlackSecret({
      current: json('a'.repeat(32)),
      previous: json('b'.repeat(32), 'xoxb-0'),
    });
    expect([signing.current.expose(), signing.previous?.expose(), botToken.expose()]).toEqual([
      'a'.repeat(32),
      'b'.repeat(32),
      'xoxb-1',
    ]);
  });

  it.each([new Secret('{'), json(''), json('short')])(
    'works without a previous version that cannot be read',
    (previous) => {
      expect(parseSlackSecret({ current: json('a'.repeat(32)), previous }).signing.previous).toBeUndefined();
    },
  );

  it.each<[Secret, string]>([
    [new Secret('hunter2'), 'JSON'],
    [new Secret('[]'), 'object'],
    [json('hunter2'), 'signingSecret'],
    [json('a'.repeat(32), 7), 'botToken'],
    [json(undefined, ''), 'signingSecret, botToken'],
  ])('names what is wrong with the current version (%#), and no value', (current, names) => {
    expect(() => parseSlackSecret({ current })).toThrow(`config_invalid: secret slack: ${names} missing or malformed`);
  });
});
