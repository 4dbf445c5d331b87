import { expect } from 'vitest';

/** How many characters in a row of a secret count as the secret: more than any clue keeps of it (16). */
const WINDOW = 20;
const HALF = WINDOW / 2;

/** Lists the ways in which a text holds a secret: as it is, a part of it, or encoded. */
function tracesOf(text: string, secret: string): string[] {
  const parts = Array.from({ length: Math.max(1, secret.length - WINDOW + 1) }, (_, at) =>
    secret.slice(at, at + WINDOW),
  );
  // Each of the parts holds one of these whole: a long text without any need not be searched for them all.
  const halves = Array.from({ length: Math.max(1, Math.floor(secret.length / HALF)) }, (_, at) =>
    secret.slice(at * HALF, (at + 1) * HALF),
  );
  const bytes = Buffer.from(secret);
  const encoded: readonly (readonly [string, string])[] = [
    ['base64', bytes.toString('base64').replace(/=+$/, '').slice(0, -1)],
    ['base64url', bytes.toString('base64url').slice(0, -1)],
    ['hex', bytes.toString('hex')],
    ['percent-encoded', encodeURIComponent(secret)],
    ['JSON-escaped', JSON.stringify(secret).slice(1, -1)],
  ];
  return [
    ...(halves.some((half) => text.includes(half)) && parts.some((part) => text.includes(part)) ? ['in clear'] : []),
    ...encoded.filter(([, form]) => text.includes(form)).map(([name]) => name),
  ];
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- merged with vitest's own, so the parameters must be the same
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Holds when no secret occurs in the value: not in clear, not 20 characters of it in a row, not encoded. */
    toContainNoSecret(secrets: readonly string[]): R;
  }
}

expect.extend({
  toContainNoSecret(received: unknown, secrets: readonly string[]) {
    const text = typeof received === 'string' ? received : JSON.stringify(received);
    // The position, never the secret: a failing test must not print what it guards.
    const found = secrets.flatMap((secret, index) => tracesOf(text, secret).map((form) => `secret ${index} ${form}`));
    return {
      pass: found.length === 0,
      message: () => (found.length === 0 ? 'expected a secret to be there' : `found ${found.join(', ')}`),
    };
  },
});
