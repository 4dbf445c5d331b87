import { describe, expect, it } from 'vitest';
import { readPat } from '#shared/providers/dfns/pat.ts';
import { readKey } from '#shared/providers/langsmith/read-key.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';

const id = '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a';
const place = { profile: 'p', kind: 'pat', now: new Date(0) } as const;

describe('a token’s name', () => {
  it.each([langsmithKey(), dfnsToken()])('gives no secret away that somebody has pasted into it', (secret) => {
    const name = `ci, is ${secret}`;
    expect(readPat({ tokenId: 'to-1', isActive: true, name })?.name).toBe('ci, is [sealed]');
    expect(readKey({ id, description: name }, place)?.name).toBe('ci, is [sealed]');
  });

  it.each(['', 'ci', 'break-glass-of-the-whole-platform-team', '<!channel> _urgent_ https://example.com/a/b/c/d'])(
    'stays as it is otherwise: %s',
    (name) => {
      expect(readPat({ tokenId: 'to-1', isActive: true, name })?.name).toBe(name);
      expect(readKey({ id, description: name }, place)?.name).toBe(name);
    },
  );
});
