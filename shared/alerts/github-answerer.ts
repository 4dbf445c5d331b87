import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { Answerer } from '#shared/cases/answer-back.ts';
import { clueKey } from '#shared/cases/case-keys.ts';
import { isGuess } from '#shared/cases/is-guess.ts';
import { recogniseEach } from '#shared/providers/recognise.ts';
import { proofWords } from '#shared/tokens/proof-words.ts';
import type { GithubRest } from './github-rest.ts';

/**
 * Closes a GitHub alert as revoked, with the receipt as comment; nothing in it is foreign text. Only an alert whose own
 * secret, fetched right before, is the one that the dead token was recognised by, and no other beside it: whoever can report
 * may name any alert. Never where a person stopped what only resembles it: the secret that leaked may live.
 */
export function createGithubAnswerer(github: GithubRest, fingerprint: Fingerprint): Answerer {
  return async (ref, kase) => {
    const [, repository, number] = /^(.{1,140})#(\d{1,16})$/.exec(ref) ?? [];
    if (repository === undefined || kase.receipt === undefined || kase.clue === undefined) return false;
    if (isGuess(kase)) return false;
    const at = { repository, number: Number(number) };
    const alert = github.covers(at) ? await github.fetchAlert(at) : undefined;
    // An alert of an administrator's own pattern may hold several: it is over only when all of them are.
    const found = alert === undefined ? [] : recogniseEach(alert.secret, fingerprint);
    const dead = clueKey(kase.clue);
    if (found.length === 0 || !found.every((clue) => clue !== undefined && clueKey(clue) === dead)) return false;
    const killed = kase.verb === 'delete' ? 'Deleted' : 'Deactivated';
    const before = kase.receipt.read === 'expired' ? 'Expired' : 'Inactive';
    const done = kase.already === true ? before : killed;
    // By whom is not said: somebody may have been quicker, and what Patrol vouches for is what it has read.
    const comment = `${done}; Patrol (${kase.id}) confirmed it by reading back at ${kase.receipt.confirmedAt}. ${proofWords(kase.receipt)}`;
    return github.closeAlert(at, comment);
  };
}
