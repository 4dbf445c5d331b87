import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMrkdwn, type Piece } from '#infra/sandbox/page/parse-mrkdwn.ts';

const text = (content: string): Piece => ({ kind: 'text', text: content });

function flat(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => {
      if ('children' in piece) return flat(piece.children);
      return piece.kind === 'break' ? '\n' : 'text' in piece ? piece.text : '';
    })
    .join('');
}

describe('parseMrkdwn', () => {
  it('reads bold, italic, struck and code where they stand alone', () => {
    expect(parseMrkdwn('*Deactivated:* `ci-*deploy*` _now_ ~then~')).toEqual([
      { kind: 'bold', children: [text('Deactivated:')] },
      text(' '),
      { kind: 'code', text: 'ci-*deploy*' },
      text(' '),
      { kind: 'italic', children: [text('now')] },
      text(' '),
      { kind: 'strike', children: [text('then')] },
    ]);
  });

  it('leaves marks inside words and around blanks alone', () => {
    expect(parseMrkdwn('snake_case_name 2 * 3 * 4')).toEqual([text('snake_case_name 2 * 3 * 4')]);
  });

  it('keeps code inside bold', () => {
    expect(parseMrkdwn('*Deleted: `a_b`*')).toEqual([
      { kind: 'bold', children: [text('Deleted: '), { kind: 'code', text: 'a_b' }] },
    ]);
  });

  it('shows escaped text as it was, and never as a form', () => {
    expect(parseMrkdwn('&lt;!channel&gt; &amp;lt; `&lt;b&gt;`')).toEqual([
      text('<!channel> &lt; '),
      { kind: 'code', text: '<b>' },
    ]);
  });

  it('reads people, channels, groups, links and dates', () => {
    expect(
      parseMrkdwn(
        '<@U0ADMIN0001> <#C0SECURITY1|security> <!subteam^S0ONCALL001> <https://a.example/?a=1&amp;b=2|open>',
      ),
    ).toEqual([
      { kind: 'user', id: 'U0ADMIN0001' },
      text(' '),
      { kind: 'channel', id: 'C0SECURITY1', label: 'security' },
      text(' '),
      { kind: 'broadcast', id: 'S0ONCALL001' },
      text(' '),
      { kind: 'link', url: 'https://a.example/?a=1&b=2', text: 'open' },
    ]);
    expect(parseMrkdwn('<!date^1795366506^{date_short} at {time}|2026-11-22>')).toEqual([
      { kind: 'date', epochSeconds: 1_795_366_506, format: '{date_short} at {time}', fallback: '2026-11-22' },
    ]);
  });

  it('makes no link of a script', () => {
    expect(parseMrkdwn('<javascript:alert(1)|click>')).toEqual([text('click')]);
  });

  it('reads fences, quotes and lines', () => {
    expect(parseMrkdwn('a\n```\nb *c*\n```')).toEqual([text('a'), { kind: 'break' }, { kind: 'pre', text: 'b *c*\n' }]);
    expect(parseMrkdwn('&gt; one\n&gt; two\nthree')).toEqual([
      { kind: 'quote', children: [text('one'), { kind: 'break' }, text('two')] },
      text('three'),
    ]);
  });

  it('never fails, and loses no plain word, whatever the text is', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9]{1,8}$/);
    const noise = fc.string({
      unit: fc.constantFrom('*', '_', '~', '`', '<', '>', '|', '!', '@', '&', '\n', ' ', '^'),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, word)), (parts) => {
        const source = parts.map(([marks, content]) => `${marks.replaceAll('<', '(')}${content}`).join('');
        const shown = flat(parseMrkdwn(source));
        for (const [, content] of parts) expect(shown).toContain(content);
      }),
    );
    fc.assert(fc.property(fc.string(), (any) => Array.isArray(parseMrkdwn(any))));
  });
});
