import type { Answerer } from '#shared/cases/answer-back.ts';
import type { GithubRest } from './github-rest.ts';

/** Closes a GitHub alert as revoked, with the receipt as comment; nothing in it is foreign text. */
export function createGithubAnswerer(github: GithubRest): Answerer {
  return async (ref, kase) => {
    const [, repository, number] = /^(.{1,140})#(\d{1,16})$/.exec(ref) ?? [];
    if (repository === undefined || kase.receipt === undefined) return false;
    const done = kase.verb === 'delete' ? 'Deleted' : 'Deactivated';
    // By whom is not said: somebody may have been quicker, and what Patrol vouches for is what it has read.
    const comment = `${done}; Patrol (${kase.id}) confirmed it by reading back at ${kase.receipt.confirmedAt}. ${kase.receipt.providerSaid}`;
    return github.closeAlert({ repository, number: Number(number) }, comment);
  };
}
