import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, code, count, escape, grouped, mention, oneOf, plain, visible, whom } from '#shared/slack/blocks/text.ts';
import { sentence, stated, stopped } from '#shared/slack/blocks/words.ts';
import { foreignText } from '#test/support/arbitraries/text.ts';
import { strayMarkup } from '#test/support/slack-text.ts';

describe('foreign text', () => {
  it('escapes the three characters of mrkdwn and only these', () => {
    expect(escape(`<a & b> "c" 'd'`)).toBe(`&lt;a &amp; b&gt; "c" 'd'`);
  });

  it('never leaves a ping, a link, an open code span or a hidden character in a code span', () => {
    fc.assert(
      fc.property(foreignText, fc.integer({ min: 4, max: 300 }), (text, max) => {
        expect(strayMarkup(code(text, max))).toEqual([]);
        expect(code(text, max)).not.toContain('\n');
      }),
    );
  });

  it('never leaves formatting in a sentence', () => {
    fc.assert(
      fc.property(foreignText, (text) => {
        expect(strayMarkup(sentence(text))).toEqual([]);
        expect(sentence(text)).not.toMatch(/[*~`]/);
      }),
    );
    expect(sentence('_all_ of lsv2_pt and *bold*')).toBe('＿all＿ of lsv2_pt and ∗bold∗');
  });

  it('spells out what hides or turns text, and keeps ordinary letters of any script', () => {
    expect(visible('a\u202Egnp.exe')).toBe('a[U+202E]gnp.exe');
    expect(visible('a\u200Bb\u{E0041}')).toBe('a[U+200B]b[U+E0041]');
    expect(visible(' Ключ 鍵 é\t\r\n🔑 ')).toBe('Ключ 鍵 é 🔑');
    expect(visible('\uD83D!')).toBe('\uFFFD!');
  });

  it('says so when there is nothing to show', () => {
    expect(code(' \n ')).toBe('(empty)');
    expect(plain('', 10)).toBe('-');
  });
});

describe('clip', () => {
  it('never exceeds the limit and never cuts an entity, a mention, a date or a surrogate pair', () => {
    fc.assert(
      fc.property(foreignText, fc.integer({ min: 2, max: 200 }), (text, max) => {
        const made = `${escape(visible(text))} <@U0ADMIN0001> <!date^1^{date_short_pretty} at {time}|1970-01-01 00:00:01 UTC>`;
        const clipped = clip(made, max);
        expect(clipped.length).toBeLessThanOrEqual(max);
        expect(clipped.isWellFormed()).toBe(true);
        expect(clipped.replace(/`$/, '')).not.toMatch(/&(?!(?:amp|lt|gt);)/);
        expect(clipped.split('<').length).toBe(clipped.split('>').length);
      }),
    );
  });

  it('leaves alone what fits, and closes a code span that it cuts', () => {
    expect(clip('abc', 3)).toBe('abc');
    expect(clip('see `abcdefgh` there', 10)).toBe('see `abc…`');
  });
});

describe('names and numbers', () => {
  it('mentions only what is a Slack id', () => {
    expect(mention('U0ADMIN0001')).toBe('<@U0ADMIN0001>');
    expect(mention('U0> <!channel')).toBe('`U0&gt; &lt;!channel`');
    expect(whom('S0ONCALL001')).toBe('<!subteam^S0ONCALL001>');
    expect(whom('admin')).toBe('`admin`');
  });

  it('joins and counts as a person would', () => {
    expect([oneOf([]), oneOf(['a']), oneOf(['a', 'b']), oneOf(['a', 'b', 'c'], 'and')]).toEqual([
      '',
      'a',
      'a or b',
      'a, b and c',
    ]);
    expect([count(1, 'token'), count(0, 'token'), count(2, 'entry', 'entries')]).toEqual([
      '1 token',
      '0 tokens',
      '2 entries',
    ]);
    expect([grouped(999), grouped(10_000), grouped(1_234_567)]).toEqual(['999', '10,000', '1,234,567']);
  });

  it('ends a piece with one full stop, and begins a sentence with a capital', () => {
    expect([stopped('gone. '), stopped('gone'), stated('gone')]).toEqual(['gone.', 'gone.', 'Gone.']);
  });
});
