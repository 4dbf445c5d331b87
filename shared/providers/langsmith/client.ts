import type { Token } from '#shared/core/vocabulary.ts';
import type { Clue } from '../clue.ts';
import type { Client } from '../client.ts';
import { endOfMethod } from '../kit/deadline.ts';
import { findNamed } from '../kit/find-named.ts';
import type { Candidate, Provider, ProviderDeps } from '../provider.ts';
import { recognise } from '../recognise.ts';
import { changeRevocation, deleteKey } from './change.ts';
import { checkLangsmith } from './check.ts';
import { type LangsmithCredential, parseLangsmithCredential } from './credential.ts';
import { langsmithFacts } from './facts.ts';
import { gradeLangsmith } from './find.ts';
import { nameLevers, pullLever } from './levers.ts';
import { createLister } from './listing.ts';
import { TOKEN_ID } from './token-id.ts';
import { type LangsmithWire, openWire } from './wire.ts';

/** Opens LangSmith through one credential, for its own user's tokens or for the whole organisation's. */
function openLangsmith(credential: LangsmithCredential, deps: ProviderDeps): Provider {
  const open = (): LangsmithWire => openWire(credential, deps, endOfMethod(deps));
  const lister = createLister(credential, deps);

  const get = async (id: string): Promise<Token | undefined> =>
    TOKEN_ID.test(id) ? lister.get(open(), id) : undefined;

  const openDesk = () => {
    const wire = open();
    return { wire, deps, scope: credential.scope, get: (id: string) => lister.get(wire, id) };
  };

  const find = async (clue: Clue): Promise<readonly Candidate[]> => {
    if (clue.form === 'named') return findNamed(clue, { provider: 'langsmith', profile: deps.profile, get });
    if (clue.form !== 'langsmith') return [];
    const { tokens } = await lister.list(open());
    const own = tokens.filter((token) => token.own);
    const self = recognise(credential.apiKey, deps.fingerprint);
    if (
      own[0] !== undefined &&
      own.length === 1 &&
      self?.form === 'langsmith' &&
      self.fingerprint === clue.fingerprint
    ) {
      return [{ token: own[0], grade: 'exact', because: 'It is the very key that Patrol works with.' }];
    }
    return gradeLangsmith(tokens, clue, deps.fingerprint);
  };

  return {
    name: 'langsmith',
    profile: deps.profile,
    knows: langsmithFacts.knows,
    list: () => lister.list(open()),
    get,
    deactivate: (id) => changeRevocation(openDesk(), 'deactivate', id),
    activate: (id) => changeRevocation(openDesk(), 'activate', id),
    delete: (id) => deleteKey(openDesk(), id),
    find,
    worksWith: (token) => {
      const self = recognise(credential.apiKey, deps.fingerprint);
      if (self?.form !== 'langsmith') return false;
      return gradeLangsmith([token], self, deps.fingerprint).some(({ grade }) => grade !== 'weak');
    },
    check: () => checkLangsmith({ wire: open(), deps, credential, lister }),
    levers: () => nameLevers(),
    pull: (leverId) => pullLever(open(), deps, leverId),
  };
}

/** How LangSmith is opened. */
export const langsmithClient: Client<LangsmithCredential> = {
  readCredential: parseLangsmithCredential,
  open: openLangsmith,
};
