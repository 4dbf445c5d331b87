import type { SenderSetup } from './source.ts';
import { setup as generic } from './sources/generic.ts';
import { setup as gitguardian } from './sources/gitguardian.ts';
import { setup as github } from './sources/github.ts';
import { setup as gitlab } from './sources/gitlab.ts';
import { setup as gitleaks } from './sources/gitleaks.ts';
import { setup as trufflehog } from './sources/trufflehog.ts';
import { setup as trufflehogEnterprise } from './sources/trufflehog-enterprise.ts';

/**
 * How the secret of each source in `SOURCES_WITH_SECRET` is set up, by the source's name. A list of its own, since it is for a
 * person at a terminal: an edge, which has the sources themselves, carries none of it.
 */
export const SENDER_SETUPS: ReadonlyMap<string, SenderSetup> = new Map([
  ['github', github],
  ['gitguardian', gitguardian],
  ['gitlab', gitlab],
  ['trufflehog', trufflehog],
  ['trufflehog-enterprise', trufflehogEnterprise],
  ['gitleaks', gitleaks],
  ['generic', generic],
]);
