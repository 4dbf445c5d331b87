import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, parseJson, parseJsonLines } from '#shared/alerts/parse-json.ts';
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
    ['more than 1 MiB', JSON.stringify('x'.repeat(MAX_BODY_BYTES))],
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

describe('parseJsonLines', () => {
  it('counts what it cannot read, and reads the rest', () => {
    const lines = parseJsonLines(Buffer.from('{"a":1}\n\nnot json\r\n{"b":2}\n'));
    expect(lines).toEqual({ values: [{ a: 1 }, { b: 2 }], skipped: 1 });
  });
});
