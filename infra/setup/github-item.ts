import * as z from 'zod';
import { Secret } from '#shared/core/secret.ts';
import { parseStoredJson, unquoted } from '#shared/core/parse-stored-json.ts';
import type { Item } from './item.ts';

const secretSchema = z.object({
  token: z
    .string()
    .transform(unquoted)
    .pipe(z.string().regex(/^[\x21-\x7e]{10,}$/)),
});

/** The token with which the worker fetches and closes GitHub's alerts; tried by a call that counts nothing. */
export function createGithubItem(apiUrl: string): Item {
  return {
    name: 'github',
    title: 'GitHub token',
    isNeeded: false,
    ask: async (prompt) => {
      prompt.say(
        'A fine-grained token (or a GitHub App’s) with the permission "Secret scanning alerts: read and write".',
      );
      const token = await prompt.secret('GitHub token', (answer) =>
        /^(?:gh[a-z]_|github_pat_)\w{16,}$/.test(answer)
          ? undefined
          : 'A GitHub token starts with "github_pat_", "ghp_" or "ghs_".',
      );
      return new Secret(JSON.stringify({ token: token.expose() }));
    },
    take: ({ github }) => (github === undefined ? undefined : new Secret(JSON.stringify(github))),
    check: async (value) => {
      const token = readToken(value);
      if (token === undefined) return { works: false, notes: ['secret github: "token" is missing or malformed.'] };
      try {
        const response = await fetch(new URL('rate_limit', apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`), {
          headers: {
            authorization: `Bearer ${token.expose()}`,
            accept: 'application/vnd.github+json',
            'user-agent': 'patrol',
          },
          redirect: 'error',
          signal: AbortSignal.timeout(10_000),
        });
        await response.body?.cancel();
        if (response.ok)
          return {
            works: true,
            notes: ['GitHub accepts the token (whether it may close alerts shows with the first one)'],
          };
        return {
          works: false,
          notes: [
            `GitHub answers ${response.status}: ${response.status === 401 ? 'the token is wrong or has expired' : 'try again later'}.`,
          ],
        };
      } catch {
        return { works: false, notes: ['GitHub does not answer. Check the network and try again.'] };
      }
    },
    afterwards: () => [],
  };
}

function readToken(value: Secret): Secret | undefined {
  const parsed = secretSchema.safeParse(parseStoredJson(value.expose()));
  return parsed.success ? new Secret(parsed.data.token) : undefined;
}
