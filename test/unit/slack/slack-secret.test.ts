import { describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { parseBotToken, parseSigningSecrets } from '#shared/slack/slack-secret.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const json = (signingSecret: unknown, more: object = {}) => new Secret(JSON.stringify({ signingSecret, ...more }));

describe('parseSigningSecrets', () => {
  const both = { current: json('a'.repeat(32)), previous: json('b'.repeat(32)), madeAt: NOW };

  it('gives both signing secrets', () => {
    const { current, previous } = parseSigningSecrets(both, NOW);
    expect([current.expose(), previous?.expose()]).toEqual(['a'.repeat(32), 'b'.repeat(32)]);
  });

  it('parses a stored version once, however often it is asked for', () => {
    const [first, second] = [parseSigningSecrets(both, NOW), parseSigningSecrets({ ...both }, NOW)];
    expect(second.current).toBe(first.current);
    expect(second.previous).toBe(first.previous);
    const another = parseSigningSecrets({ ...both, current: json('a'.repeat(32)) }, NOW);
    expect(another.current).not.toBe(first.current);
  });

  it('knows the previous signing secret no more ten minutes after the rotation, nor when its time is unknown', () => {
    const after = (ms: number) => parseSigningSecrets(both, new Date(NOW.getTime() + ms)).previous?.expose();
    expect([after(600_000), after(600_001), after(30 * 86_400_000)]).toEqual(['b'.repeat(32), undefined, undefined]);
    const { madeAt: _, ...timeless } = both;
    expect(parseSigningSecrets(timeless, NOW).previous).toBeUndefined();
  });

  it.each([new Secret('{'), json(''), json('short')])(
    'works without a previous version that cannot be read',
    (previous) => {
      const stored = { current: json('a'.repeat(32)), previous, madeAt: NOW };
      expect(parseSigningSecrets(stored, NOW).previous).toBeUndefined();
    },
  );

  it.each<[Secret, string]>([
    [new Secret('hunter2'), 'JSON'],
    [new Secret('[]'), 'object'],
    [json('hunter2'), 'signingSecret'],
    [json(undefined), 'signingSecret'],
  ])('names what is wrong with the current version (%#), and no value', (current, names) => {
    expect(() => parseSigningSecrets({ current }, NOW)).toThrow(
      `config_invalid: secret slack: ${names} missing or malformed`,
    );
  });
});

describe('parseBotToken', () => {
  it('gives the newest token', () => {
    expect(parseBotToken({ current: new Secret('{"botToken":"xoxb-1"}') }).expose()).toBe('xoxb-1');
  });

  it.each<[string, string]>([
    ['xoxb-hunter2', 'JSON'],
    ['[]', 'object'],
    ['{"botToken":7}', 'botToken'],
    ['{"signingSecret":"0123456789abcdef0123456789abcdef"}', 'botToken'],
  ])('names what is wrong with it (%#), and no value', (current, names) => {
    expect(() => parseBotToken({ current: new Secret(current) })).toThrow(
      `config_invalid: secret slack-bot: ${names} missing or malformed`,
    );
  });
});
