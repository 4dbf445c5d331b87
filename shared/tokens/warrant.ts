import { defined } from '#shared/core/defined.ts';
import type { Actor, ChangeOrder, NamedRef, Order } from '#shared/core/vocabulary.ts';
import type { AuditEntry } from '#shared/store/store.ts';

/** What allows an order to be carried out: the name of a rule or role, and whoever agreed. */
export interface Warrant {
  readonly rule: string;
  readonly approvedBy: readonly Actor[];
  /**
   * ISO 8601: when the word reached us with which it begins, be it the requester's own or the last yes of others. Absent where
   * a report, or the end of an owner's time, has it done.
   */
  readonly decidedAt?: string;
  /** Whoever went ahead alone instead. */
  readonly brokenGlassBy?: Actor;
  /** Why nothing more is begun, where who asked has lost the right or somebody has decided otherwise: what was begun is read, and told. */
  readonly withdrawn?: 'no_right' | 'overruled';
  /** Whoever has given the request up: likewise. */
  readonly calledOffBy?: Actor;
}

/** One change of one token, decided and allowed by the caller: the order that it is a part of, and what allows it. */
export interface TokenChange {
  readonly order: ChangeOrder<AuditEntry['actor']>;
  readonly warrant: Warrant;
  readonly ref: NamedRef;
}

/** An order as far as the record looks at it, whoever gave it. */
type Recorded = Order | ChangeOrder<AuditEntry['actor']>;

/** The profiles that an order touches, each once. */
export function profilesOf({ tokens }: Pick<Recorded, 'tokens'>): readonly string[] {
  return [...new Set(tokens.map(({ profile }) => profile))];
}

/** What every line of the record says of an order, whatever became of it. */
export function recordOf({ verb, reason, caseId }: Recorded): Pick<AuditEntry, 'verb' | 'reason' | 'caseId'> {
  return { verb, ...defined({ reason, caseId }) };
}

/** How the record names what an order is about: its one token, or how many there are. */
export function subjectOf({ tokens }: Recorded): Pick<AuditEntry, 'token' | 'tokenName' | 'profiles' | 'detail'> {
  const [only, ...others] = tokens;
  if (only === undefined || others.length > 0)
    return { detail: { kind: 'tokens', count: tokens.length }, profiles: profilesOf({ tokens }) };
  return { token: { profile: only.profile, id: only.id }, tokenName: only.name };
}
