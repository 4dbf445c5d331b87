import { expect } from 'vitest';
import { attack, callApart } from '#test/support/attack.ts';

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
    const glob = `${'*?'.repeat(12)}~`;
    expect(await callApart<boolean>('shared/core/fits-glob.ts', 'fitsGlob', [glob, 'x'.repeat(200)])).toBe(false);
  },
);
