import { lazily } from '#shared/core/lazily.ts';
import { inTurn } from '#shared/core/in-turn.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Clue } from '../clue.ts';
import type { Client } from '../client.ts';
import { endOfMethod } from '../kit/end-of-method.ts';
import { findNamed } from '../kit/find-named.ts';
import { gradeAmong } from '../kit/grade-among.ts';
import type { Candidate, KnownToken, Provider, ProviderDeps } from '../provider.ts';
import { recognise } from '../recognise.ts';
import { changeRevocation, deleteKey } from './change-revocation.ts';
import { checkCredential } from './check-credential.ts';
import { type Credential, parseLangsmithCredential } from './credential.ts';
import { facts } from './facts.ts';
import { gradeTokens, isAnother } from './grade-tokens.ts';
import { isLeverPulled, nameLevers, pullLever } from './pull-lever.ts';
import { createLister } from './lister.ts';
import { TOKEN_ID } from './token-id.ts';
import { type Wire, openWire } from './wire.ts';

/** Opens LangSmith through one credential, for its own user's tokens or for the whole organisation's. */
function openLangsmith(credential: Credential, deps: ProviderDeps): Provider {
  const open = (): Wire => openWire(credential, deps, endOfMethod(deps));
  const lister = createLister(credential, deps);
  const list = inTurn(() => lister.list(open()));
  const listPats = inTurn(() => lister.listPats(open()));

  const get = async (id: string, known?: KnownToken): Promise<Token | undefined> =>
    TOKEN_ID.test(id) ? lister.get(open(), id, known) : undefined;

  const openAccess = () => {
    const wire = open();
    return {
      wire,
      deps,
      scope: credential.scope,
      get: (id: string) => lister.get(wire, id),
      list: () => lister.list(wire),
    };
  };

  const self = lazily(() => recognise(credential.apiKey, deps.fingerprint));
  const find = async (clue: Clue, among?: ReadonlySet<string>): Promise<readonly Candidate[]> => {
    if (clue.form === 'named') return findNamed(clue, { provider: 'langsmith', profile: deps.profile, get });
    if (clue.form !== 'langsmith') return [];
    // The key itself says which of the two it is: the other listing could not hold it.
    const tokens = clue.kind === 'pat' ? await listPats() : (await list()).tokens;
    const own = tokens.filter((token) => token.own);
    const ours = self();
    const isOurs = ours?.form === 'langsmith' && ours.fingerprint === clue.fingerprint;
    if (own[0] !== undefined && own.length === 1 && isOurs) {
      return [{ token: own[0], grade: 'exact', because: [{ kind: 'own_credential' }] }];
    }
    return gradeAmong(tokens, among, {
      grade: (possible) => gradeTokens(possible, clue, deps.fingerprint),
      isAnother: (token) => isAnother(token, clue, deps.fingerprint),
    });
  };

  return {
    name: 'langsmith',
    profile: deps.profile,
    knows: facts.knows,
    list,
    get,
    // A change is one call here.
    prepare: () => undefined,
    deactivate: (id) => changeRevocation(openAccess(), 'deactivate', id),
    activate: (id) => changeRevocation(openAccess(), 'activate', id),
    delete: (id) => deleteKey(openAccess(), id),
    find,
    worksWith: (token) => isSurely(self(), token, deps),
    check: () => checkCredential({ wire: open(), deps, credential, lister }),
    levers: () => nameLevers(),
    pull: (leverId) => pullLever(open(), deps, leverId),
    isPulled: (leverId) => isLeverPulled(open(), leverId),
  };
}

/** True for a token that is surely the one of a clue. */
function isSurely(clue: Clue | undefined, token: Token, { fingerprint }: ProviderDeps): boolean {
  if (clue?.form !== 'langsmith') return false;
  return gradeTokens([token], clue, fingerprint).some(({ grade }) => grade !== 'weak');
}

/** How LangSmith is opened. */
export const client: Client<Credential> = {
  readCredential: parseLangsmithCredential,
  open: openLangsmith,
};
