import { describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { parseSlackSecret } from '#shared/slack/slack-secret.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const json = (signingSecret: unknown, botToken: unknown = 'xoxb-1') =>
  new Secret(JSON.stringify({ signingSecret, botToken }));

describe('parseSlackSecret', () => {
  const both = { current: json('a'.repeat(32)), previous: json('b'.repeat(32), 'xoxb-0'), madeAt: NOW };

  it('gives both signing secrets and the current bot token', () => {
    const { signing, botToken } = parseSlackSecret(both, NOW);
    expect([signing.current.expose(), signing.previous?.expose(), botToken.expose()]).toEqual([
      'a'.repeat(32),
      'b'.repeat(32),
      'xoxb-1',
    ]);
  });

  it('parses a stored version once, however often it is asked for', () => {
    const [first, second] = [parseSlackSecret(both, NOW), parseSlackSecret({ ...both }, NOW)];
    expect(second.botToken).toBe(first.botToken);
    expect(second.signing).toEqual(first.signing);
    const another = parseSlackSecret({ ...both, current: json('a'.repeat(32)) }, NOW);
    expect(another.botToken).not.toBe(first.botToken);
  });

  it('knows the previous signing secret no more ten minutes after the rotation, nor when its time is unknown', () => {
    const after = (ms: number) => parseSlackSecret(both, new Date(NOW.getTime() + ms)).signing.previous?.expose();
    expect([after(600_000), after(600_001), after(30 * 86_400_000)]).toEqual(['b'.repeat(32), undefined, undefined]);
    const { madeAt: _, ...timeless } = both;
    expect(parseSlackSecret(timeless, NOW).signing.previous).toBeUndefined();
  });

  it.each([new Secret('{'), json(''), json('short')])(
    'works without a previous version that cannot be read',
    (previous) => {
      expect(
        parseSlackSecret({ current: json('a'.repeat(32)), previous, madeAt: NOW }, NOW).signing.previous,
      ).toBeUndefined();
    },
  );

  it.each<[Secret, string]>([
    [new Secret('hunter2'), 'JSON'],
    [new Secret('[]'), 'object'],
    [json('hunter2'), 'signingSecret'],
    [json('a'.repeat(32), 7), 'botToken'],
    [json(undefined, ''), 'signingSecret, botToken'],
  ])('names what is wrong with the current version (%#), and no value', (current, names) => {
    expect(() => parseSlackSecret({ current }, NOW)).toThrow(
      `config_invalid: secret slack: ${names} missing or malformed`,
    );
  });
});
