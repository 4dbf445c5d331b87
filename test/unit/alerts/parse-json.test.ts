import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, MAX_BODY_BYTES, parseJson, readJsonTexts } from '#shared/alerts/parse-json.ts';
import { readGenericRecord } from '#shared/alerts/sources/generic.ts';
import { isFault } from '#shared/core/fault.ts';
import { dearness, LINEAR } from '#test/support/costs.ts';

const parse = (text: string) => parseJson(Buffer.from(text));

describe('parseJson', () => {
  it('parses what is JSON, a byte order mark before it included', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
        expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  it.each([
    ['no JSON', '{"secret":"hunter2"'],
    ['nothing', ''],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['more than 5 MiB', JSON.stringify('x'.repeat(MAX_BODY_BYTES))],
  ])('refuses %s, and quotes none of it', (_name, text) => {
    let caught: unknown;
    try {
      parse(text);
    } catch (error) {
      caught = error;
    }
    expect(isFault(caught, 'payload_invalid')).toBe(true);
    expect(String(caught)).not.toContain('hunter2');
    expect((caught as Error).cause).toBeUndefined();
  });

  it('does not count brackets inside texts as depth', () => {
    const text = `\\"${'['.repeat(1000)}`;
    expect(parse(`["${text}"]`)).toEqual([JSON.parse(`"${text}"`)]);
    expect(parse(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined();
  });

  it('refuses a million brackets by their depth, before they are parsed', () => {
    expect(() => parse('['.repeat(1_000_000))).toThrow(/deeper/);
    expect(() => parse(`${'['.repeat(65)} this is no JSON`)).toThrow(/deeper/);
  });

  it.each(['"', '\\', '[]', '{"a":', ','])('looks at a long text of %j in linear time', (unit) => {
    const look = (text: string) => {
      try {
        parse(text);
      } catch (error) {
        expect(isFault(error, 'payload_invalid')).toBe(true);
      }
    };
    expect(dearness(look, unit, 1_000_000)).toBeLessThan(LINEAR);
  });

  it('leaves duplicate and prototype-polluting keys without effect on what is read', () => {
    const record = parse('{"__proto__":{"secret":"from the prototype"},"constructor":{"x":1},"note":"a","note":"b"}');
    const finding = readGenericRecord(record);
    expect(finding).toMatchObject({ note: 'b' });
    expect(finding?.secret).toBeUndefined();
    expect(Object.getPrototypeOf({})).not.toHaveProperty('secret');
  });
});

describe('readJsonTexts', () => {
  it('reads one value after the other, over lines or not, and gives what is none', () => {
    expect(readJsonTexts('{"a":1}\n\nnot json\r\n[{"b":\n 2}],{"c":"}{"}\n{"broken\n{"d":4} tail')).toEqual({
      values: [{ a: 1 }, [{ b: 2 }], { c: '}{' }, { d: 4 }],
      unread: ['{"broken'],
      aside: ['not json', 'tail'],
    });
  });

  it.each([['{'], ['{"'], ['[1,'], ['{"a":1}\n'], ['x{']])(
    'takes as long for one text of %j as for its pieces',
    (unit) => {
      expect(dearness(readJsonTexts, unit, 200_000)).toBeLessThan(LINEAR);
    },
  );
});

describe('decodeText', () => {
  const text = '[{"Secret":"ä"}]\r\n';
  const swapped = (given: string) => Buffer.from(given, 'utf16le').swap16();
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['UTF-16, big end first', swapped(text)],
    ['UTF-16, big end first, with a mark', swapped(`\ufeff${text}`)],
    ['what a terminal was asked', Buffer.from(`\u001b]11;?\u001b\\\u001b[6n\u001b[?25h${text}`)],
  ])('reads %s', (_, body) => {
    expect(decodeText(body)).toBe(text);
  });
});
