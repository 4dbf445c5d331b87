import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JOURNAL, jobKey, journalKey, lockKey, noteKey, recordKey } from '#shared/store/dynamo/keys.ts';
import { anyCharacter } from '#test/support/arbitraries/any-character.ts';

describe('the keys of items', () => {
  const text = fc.string({ unit: anyCharacter, maxLength: 2000 });

  it('fit DynamoDB’s limits whatever they are made from', () => {
    fc.assert(
      fc.property(text, text, (key, name) => {
        for (const { pk, sk } of [
          jobKey(key),
          journalKey(key, name),
          lockKey(key),
          noteKey(key),
          recordKey('case', key),
        ]) {
          expect(Buffer.byteLength(pk)).toBeLessThanOrEqual(2048);
          expect(Buffer.byteLength(sk)).toBeLessThanOrEqual(1024);
        }
      }),
    );
  });

  it('differ when what they are made from differs, by kind as well as by name', () => {
    fc.assert(
      fc.property(text, text, (one, two) => {
        fc.pre(one !== two);
        const keys = [one, two].flatMap((key) => [
          jobKey(key),
          lockKey(key),
          noteKey(key),
          recordKey('case', key),
          journalKey('j', key),
        ]);
        expect(new Set(keys.map(({ pk, sk }) => `${pk}\n${sk}`)).size).toBe(keys.length);
      }),
    );
  });

  it('keep a journal beside its job, after it in order', () => {
    expect(journalKey('k', 'acted').pk).toBe(jobKey('k').pk);
    expect(journalKey('k', 'acted').sk.startsWith(JOURNAL)).toBe(true);
    expect(JOURNAL > jobKey('k').sk).toBe(true);
  });
});
