import { expect } from 'vitest';
import { attack } from '#test/support/attack.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';
import { createTalk, wordsOf } from '#test/support/slack-talk.ts';

attack(
  {
    name: 'glob-of-stars',
    finding: 2,
    does: 'types `/pat list --name` with a dozen stars between question marks, which no name fits',
    holds: 'the names are compared in bounded steps, and the worker goes on',
    without: [
      {
        file: 'shared/core/fits-glob.ts',
        replace: '  const wanted = ',
        by: `  if (glob.includes('*')) {
    return new RegExp(\`^\${glob.replaceAll('?', '.').replaceAll('*', '.*')}$\`, 'is').test(text);
  }
  const wanted = `,
      },
    ],
  },
  async () => {
    const talk = createTalk(await sharedSandbox());
    await talk.mint('x'.repeat(80));
    const said = await talk.ask(`list --name ${'*?'.repeat(12)}~`, 'viewer');
    expect(wordsOf(said)).not.toMatch(/was stopped/);
    expect(wordsOf(said)).toMatch(/^No token fits: 0 of /m);
  },
);
