import { defined } from '#shared/core/defined.ts';
import { type Leak, place } from './sender.ts';

/** Our own form. */
export function generalBody(leak: Leak): string {
  const { repository, path, commit, author, url } = place(leak);
  return JSON.stringify({
    provider: leak.provider,
    secret: leak.secret,
    url,
    repository,
    path,
    commit,
    author,
    note: 'Found by a nightly scan.',
    ...defined({ publiclyLeaked: leak.publiclyLeaked }),
  });
}
