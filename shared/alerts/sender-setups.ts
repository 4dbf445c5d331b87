import type { SenderSetup } from './source.ts';
import { genericSetup } from './sources/generic.ts';
import { gitguardianSetup } from './sources/gitguardian.ts';
import { githubSetup } from './sources/github.ts';
import { gitlabSetup } from './sources/gitlab.ts';
import { gitleaksSetup } from './sources/gitleaks.ts';
import { trufflehogSetup } from './sources/trufflehog.ts';
import { trufflehogEnterpriseSetup } from './sources/trufflehog-enterprise.ts';

/**
 * How the secret of each source in `SOURCES_WITH_SECRET` is set up, by the source's name. A list of its own, since it is for a
 * person at a terminal: an edge, which has the sources themselves, carries none of it.
 */
export const SENDER_SETUPS: ReadonlyMap<string, SenderSetup> = new Map([
  ['github', githubSetup],
  ['gitguardian', gitguardianSetup],
  ['gitlab', gitlabSetup],
  ['trufflehog', trufflehogSetup],
  ['trufflehog-enterprise', trufflehogEnterpriseSetup],
  ['gitleaks', gitleaksSetup],
  ['generic', genericSetup],
]);
