import type { Actor, Receipt, TokenRef } from '#shared/core/vocabulary.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import { lastBegun } from '#shared/tokens/begun-change.ts';
import type { Services } from '#shared/tokens/services.ts';
import { settle } from './settle.ts';

/** Most lines of the record that are looked through. */
const MOST_LINES = 1000;

interface Reached {
  readonly by: Actor;
  /** ISO 8601. */
  readonly since: string;
}

/**
 * Enters what somebody has changed since a time into the cases about the tokens, by the record: whoever changed them may have
 * died before. Not what somebody has changed once more since. Gives the cases that it has changed; repeated it changes nothing.
 */
export async function enterReached(services: Services, { by, since }: Reached): Promise<ReadonlySet<string>> {
  const lines = await services.store.audit.query({ actorUserId: by.userId, since, limit: MOST_LINES });
  const entered = new Set<string>();
  for (const { ref, receipt } of lines.flatMap(provedBy)) {
    const id = caseId(tokenKey(ref));
    if (await enter(services, { id, ref, receipt, by })) entered.add(id);
  }
  return entered;
}

interface Proved {
  readonly ref: TokenRef;
  readonly receipt: Receipt;
}

function provedBy({ token, receipt, result }: AuditEntry): readonly Proved[] {
  return token === undefined || receipt === undefined || result !== 'done' ? [] : [{ ref: token, receipt }];
}

async function enter(
  services: Services,
  { id, ref, receipt, by }: Proved & { readonly id: string; readonly by: Actor },
): Promise<boolean> {
  const { cases } = services.store;
  const known = await cases.get(id);
  if (known === undefined) return false;
  const last = await lastBegun(services, ref);
  if (last === undefined || last.provedAt !== receipt.confirmedAt) return false;
  const { verb, read } = receipt;
  const isState = read !== 'absent' && read !== 'partial';
  const token = isState ? { ...last.token, state: read } : last.token;
  await settle(services, { kind: 'changed', verb, token, already: false, undo: false, receipt }, { by });
  return (await cases.get(id))?.version !== known.version;
}
