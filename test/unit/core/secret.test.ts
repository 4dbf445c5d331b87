import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';

describe('Secret', () => {
  it('never shows its text when printed, joined, inspected or serialised', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 9 }), (text) => {
        const secret = new Secret(text);
        const shown = [
          String(secret),
          `${secret}`,
          inspect(secret),
          inspect({ deep: [secret] }),
          JSON.stringify({ secret }),
        ];
        for (const form of shown) expect(form.replaceAll('[secret]', '')).not.toContain(text);
      }),
    );
  });

  it('shows a mark in the place of its text', () => {
    const secret = new Secret('lsv2_pt_x');
    expect([String(secret), `${secret}`, JSON.stringify([secret]), inspect(secret)]).toEqual([
      '[secret]',
      '[secret]',
      '["[secret]"]',
      '[secret]',
    ]);
  });

  it('gives its text only on request', () => {
    expect(new Secret('lsv2_pt_x').expose()).toBe('lsv2_pt_x');
  });

  it('has no enumerable field that a spread could copy', () => {
    expect({ ...new Secret('hidden text') }).toEqual({});
  });
});
