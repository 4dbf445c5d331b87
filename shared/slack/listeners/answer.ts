import { defined } from '#shared/core/defined.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';

/**
 * One answer. `channel`: a new message; `me`: only for the person; `here`: the pressed message is replaced; `security`: a
 * new message in the security channel; `card`: nothing apart, since the case's card shows it.
 */
export interface Answer {
  readonly outcome: Outcome;
  readonly to: 'channel' | 'me' | 'here' | 'security' | 'card';
  /** The case from which it was asked for: what became of its token enters it, and its card follows. */
  readonly caseId?: string;
  readonly reason?: string;
  readonly approvedBy?: readonly Actor[];
  /** Whoever went ahead without an approval. */
  readonly brokenGlassBy?: Actor;
  /** Who asked, where that is not the person who pressed. */
  readonly actor?: Actor;
  /** A message known from elsewhere (a modal's origin), to be replaced instead. */
  readonly at?: { readonly channel: string; readonly ts: string };
  /** The request that goes on by itself, where its message offers to hurry it and to end it. */
  readonly run?: string;
  /** Words of the same answer may stand although nobody has heard where: they are looked for, and edited. */
  readonly mayStand?: true;
  /** Where a new message belongs, whatever place the press came from (App Home, a modal, a direct message). */
  readonly where?: string;
}

/**
 * The answers of a request that others have to agree to: they are asked in a message of its own, where the policy wants such
 * messages, since an edited one wakes nobody; what was there before says that it was passed on. Others stay as they are.
 */
export function askedApart(answer: Answer, channel: string | undefined): readonly Answer[] {
  const { outcome, to } = answer;
  if (outcome.kind !== 'approval' || (to !== 'here' && channel === undefined)) return [answer];
  const { approval, approvers } = outcome;
  const { order, expiresAt } = approval;
  const where = defined({ where: channel });
  const settled = defined({ settled: approval.state === 'open' ? undefined : approval });
  return [
    { ...answer, outcome: { kind: 'passed_on', order, expiresAt, approvers, ...settled, ...where } },
    { ...answer, to: 'channel', ...where },
  ];
}

/** Chooses where the answer to a typed command belongs: refusals and help are nobody else's business. */
export function placeOf(outcome: Outcome): Answer['to'] {
  switch (outcome.kind) {
    case 'denied':
    case 'help':
    case 'whoami':
    case 'version':
    case 'no_window':
    case 'leak_received':
    case 'misunderstood':
      return 'me';
    case 'listed':
      return outcome.private ? 'me' : 'channel';
    default:
      return 'channel';
  }
}
