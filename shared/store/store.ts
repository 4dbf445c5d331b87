import type { Fault, FaultCode } from '#shared/core/fault.ts';
import type {
  FreshRead,
  ProviderAnswer,
  Actor,
  AskedVerb,
  CheckedValidity,
  DenialReason,
  Grade,
  Mutation,
  Order,
  Receipt,
  Showing,
  Token,
  TokenRef,
  TokenState,
} from '#shared/core/vocabulary.ts';
import type { Remark } from '#shared/core/remark.ts';
import type { Where } from '#shared/core/where.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { MatchReason } from '#shared/providers/match-reason.ts';
import type { Candidate } from '#shared/providers/provider.ts';

/**
 * A write that is not made yet: given along with another one it happens together with that, or not at all. Each write of one
 * call is of something else.
 */
export interface Write {
  readonly isWrite: true;
}

/** Notes of one remembered job that outlive a crash: written before an effect, found again by the replay. */
export interface Journal {
  /** 1 on the first try, more on a replay after a crash or a retryable fault. */
  readonly attempt: number;
  get<T>(name: string): T | undefined;
  /** Durable when it returns, with all that is written along. Values are JSON. */
  put(name: string, value: unknown, along?: readonly Write[]): Promise<void>;
  /** Gives the same as a write, which is not made where this run of the job is not the one that counts any more. */
  writing(name: string, value: unknown): Write;
  /**
   * Gives the end of the job as a write, with its result: once it is made that is what counts, whatever the work does
   * after it. Not made where this run is not the one that counts any more.
   */
  ending(result: unknown): Write;
  /** The result with which the job has been ended by such a write. */
  ended<T>(): T | undefined;
}

/**
 * Runs `work` once per key however often the job is delivered, and gives every later caller the stored result.
 * While another caller runs it (lease renewed every 2 s, lapses after 8 s) throws `delivery_in_progress`. A lease that has
 * lapsed by our clock is watched for 2.5 s first: its holder's may be behind.
 * When `work` throws, the lease is released, journal entries stay, and the next caller tries again.
 * Results are JSON and kept for 30 days.
 *
 * `tell` is given the stored result, also by every later caller, and one at a time: whoever comes while another tells, or within
 * a lease of its first telling, gets `delivery_in_progress`. Where it throws, or its caller dies, the next caller tells.
 */
export type Remember = <T>(
  key: string,
  work: (journal: Journal) => Promise<T>,
  tell?: (value: T) => Promise<void>,
) => Promise<{ value: T; replayed: boolean }>;

/** How a key was taken. */
export interface Held {
  /** True where somebody else held it first: what was read before may be out of date. */
  readonly waited: boolean;
  /** True only where nobody has held it since something was kept with it last, a holder that died included. */
  readonly isFirst: boolean;
  /** What was kept with the key by whoever held it before, or by this holder. */
  kept<T>(): T | undefined;
  /** Keeps a value with the key for 30 days, written when the key is given back: where that fails, `hold` throws. */
  keep(value: unknown): void;
  /** Gives the same as a write, which is not made where the key is not held any more. */
  keeping(value: unknown): Write;
  /** Has this written together with giving the key back: where that fails, `hold` throws. */
  leave(write: Write): void;
  /**
   * Gives giving the key back as writes, with all that is kept and left so far: once they are made the key is not held any
   * more, and the work is to do nothing that needs it. Not made where the key is not held any more.
   */
  givingBack(): readonly Write[];
}

/**
 * Runs `work` while holding the key alone; waits up to `waitMs` for another holder, then throws `delivery_in_progress`.
 * `unless_held`: at once where anybody holds it, a holder included that has died by our clock.
 */
export type Hold = <T>(key: string, work: (held: Held) => Promise<T>, waitMs?: number | 'unless_held') => Promise<T>;

/** Reads what is kept with a key, whoever holds it. */
export type Kept = <T>(key: string) => Promise<T | undefined>;

/** What more an entry has to say, as a fact whose words are chosen when it is shown. Closed. */
export type AuditDetail =
  /** It is about several at once. */
  | { readonly kind: 'tokens'; readonly count: number }
  | { readonly kind: 'lever'; readonly id: string }
  /** In the entry's profile, where it names one. */
  | { readonly kind: 'denied'; readonly why: DenialReason }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'failed'; readonly fault: FaultCode }
  /** What a report has made of its case. */
  | { readonly kind: 'report'; readonly state: CaseState };

/** One line of the append-only record. */
export interface AuditEntry {
  /** ISO 8601 UTC; with `id` it orders the record. */
  readonly at: string;
  /** Unique; the same entry appended twice (a replay) is stored once. */
  readonly id: string;
  /** The person, or the alert source that caused it. */
  readonly actor: Actor | { readonly source: string };
  readonly what:
    | Mutation
    | 'lever'
    | 'approve'
    | 'refuse'
    | 'request'
    | 'denied'
    | 'break-glass'
    | 'dismiss'
    | 'reopen'
    | 'search'
    | 'take'
    | 'mine'
    | 'not_mine'
    | 'wait'
    | 'try_now'
    | 'give_up'
    | 'read';
  readonly verb?: AskedVerb;
  readonly token?: TokenRef;
  readonly tokenName?: string;
  /** The profiles that it touches, where it is about no single token. */
  readonly profiles?: readonly string[];
  readonly caseId?: string;
  readonly reason?: string;
  /** Name of the policy rule or role that allowed or forbade it. */
  readonly rule?: string;
  readonly result:
    | 'done'
    | 'already'
    | 'failed'
    | 'pending'
    | 'refused'
    | 'unsupported'
    | 'not_found'
    | 'expired'
    | 'noted';
  readonly detail?: AuditDetail;
  /** What explains the match of a leak. */
  readonly because?: readonly MatchReason[];
  /** What the provider answered to what is not proved. */
  readonly answer?: ProviderAnswer;
  /** What a fresh read showed that does not prove it. */
  readonly read?: FreshRead;
  readonly approvedBy?: readonly Actor[];
  readonly receipt?: Receipt;
  /** The request that brought it about, as the log names it. */
  readonly requestId?: string;
}

export interface AuditQuery {
  readonly token?: TokenRef | { readonly id: string };
  readonly actorUserId?: string;
  readonly caseId?: string;
  /** ISO 8601. */
  readonly since?: string;
  readonly limit: number;
}

export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
  /** Gives the same as a write, which is left out where the entry is there already. */
  writing(entry: AuditEntry): Write;
  /** Newest first. */
  query(query: AuditQuery): Promise<readonly AuditEntry[]>;
}

/** What a fresh read showed of a request's tokens when it was made: what whoever has to agree decides by. */
export interface SeenTokens {
  /** ISO 8601. */
  readonly at: string;
  /** The first few, whole. */
  readonly tokens: readonly Token[];
  /** How many there are of each state; `unread` are those of which nothing could be read. */
  readonly counts: Readonly<Record<TokenState | 'unread', number>>;
  /** Leaks for which some of them were stopped. */
  readonly leaks: readonly { readonly caseId: string; readonly name: string; readonly isPublic: boolean }[];
}

/** One person's word about a request that waits for others. */
export interface Vote {
  readonly actor: Actor;
  /** When the press reached us, ISO 8601. */
  readonly at: string;
  /** The press's own name: the same person's other press in the same millisecond is another one. */
  readonly request?: string;
}

/** A request that waits for others to agree. */
export interface Approval {
  readonly id: string;
  readonly version: number;
  /** `needless`: what was asked for was so already when somebody pressed. */
  readonly state: 'open' | 'approved' | 'refused' | 'lapsed' | 'withdrawn' | 'needless' | 'done';
  /** What is done when enough have agreed. */
  readonly order: Order;
  readonly expiresAt: string;
  readonly needed: number;
  /** Name of the policy's approval rule. */
  readonly rule: string;
  readonly approvedBy: readonly Vote[];
  readonly refusedBy?: Vote;
  /** Somebody went ahead alone, as the policy allows them in an emergency. */
  readonly brokenGlass?: Vote & { readonly reason: string };
  readonly seen?: SeenTokens;
  readonly message?: { readonly channel: string; readonly ts: string };
}

/** `change` gets the stored record and returns the next one, or `undefined` to leave it; a lost race is tried again. */
export interface Records<R extends { readonly id: string; readonly version: number }> {
  /** Creates the record if its id is new, with all that is written along; otherwise returns what is stored. */
  open(record: Omit<R, 'version'>, along?: readonly Write[]): Promise<{ record: R; isNew: boolean }>;
  get(id: string): Promise<R | undefined>;
  /**
   * Applies a change under optimistic locking. Returns the stored record and whether this call changed it. Whoever has
   * read the record gives it as `seen`: it is read again only when somebody else was quicker. `along` gives what is written
   * together with the record as it will be.
   */
  change(
    id: string,
    next: (record: R) => Omit<R, 'version'> | undefined,
    how?: { readonly seen?: R | undefined; readonly along?: ((record: R) => readonly Write[]) | undefined },
  ): Promise<{ record: R; changed: boolean } | undefined>;
  /**
   * Gives the next version of a record as a write, not made where somebody has changed it since it was `seen`: then the fault
   * of `unmet` is thrown. `done` hears of the record as it is stored.
   */
  changing(
    seen: R,
    next: Omit<R, 'version'>,
    how: { readonly done: (record: R) => void; readonly unmet: () => Fault },
  ): Write;
  /** Newest first. `open: true` keeps those that still want something from somebody. */
  list(query: { open?: boolean; since?: string; limit: number }): Promise<readonly R[]>;
}

export interface CaseReport {
  readonly source: string;
  /** Unique per finding (source, delivery, position); a repeat with the same key does not count twice. */
  readonly key: string;
  readonly at: string;
  /** Names of what it told its secret by. */
  readonly clueKeys?: readonly string[];
  /** The request that brought it, by which the log is searched. */
  readonly requestId?: string;
  /** Foreign text, already scrubbed of secrets. */
  readonly where?: Where;
  readonly detector?: string;
  /** What whoever reported it wrote beside it: foreign text. */
  readonly note?: string;
  readonly remarks?: readonly Remark[];
  /** The person who reported it by hand, and how many secrets they pasted at once. */
  readonly reporter?: Actor;
  readonly pasted?: number;
  /** How many findings its delivery brought. */
  readonly among?: number;
  readonly publiclyLeaked?: boolean;
  readonly test?: boolean;
}

export const CASE_STATES = [
  'received',
  /** Nothing was found, and somebody could not be asked: a search that works may still find it. */
  'unsearched',
  'unmatched',
  /** Nothing links it to us, and the policy mutes such: it has no card, and the weekly report counts it. */
  'muted',
  'asking',
  'noted',
  'shadowed',
  'acting',
  'not_revoked',
  'waiting',
  'dead',
  'restored',
  'dismissed',
] as const;
export type CaseState = (typeof CASE_STATES)[number];

/** How a call failed, and what the queue makes of it. */
export interface Failure {
  readonly fault: FaultCode;
  /** Who failed us: a profile, or the sender that keeps the secret. */
  readonly whose?: string;
  /** HTTP status of the answer, where one arrived. */
  readonly status?: number;
  /** What the provider said of its refusal: foreign text. */
  readonly quoted?: string;
  readonly next: 'retrying' | 'given_up' | 'final';
  readonly attempt: number;
  /** The press that is tried again, which ends it whatever it comes to; absent for a report. */
  readonly request?: string;
}

/** Why Patrol itself does not do what was asked. */
export type Refusal =
  /** `reason` is the policy's own text. */
  | { readonly why: 'protected'; readonly reason: string }
  /** Patrol works with it in that profile. */
  | { readonly why: 'own'; readonly profile: string }
  /**
   * `no_right`: who asked has lost it between two tries; `overtaken`: the opposite has been asked for meanwhile; `overruled`: its
   * case has been decided otherwise meanwhile; `leaked`: the token that was to come back has leaked, and whoever asked was not
   * told of it.
   */
  | { readonly why: 'no_right' | 'overtaken' | 'overruled' | 'leaked' }
  /**
   * `brought_back`: a person has only just brought the token back, and no report undoes that at once; `called_off`: somebody
   * has given the request up.
   */
  | { readonly why: 'brought_back' | 'called_off'; readonly by: Actor };

/** One reason why a leaked token is not revoked. Closed: a new one does not compile until it has words. */
export type CaseTrouble =
  | ({ readonly kind: 'failed' } & Failure)
  /** The provider accepted, and reading back does not agree; `again` when the queue tries it again. */
  | { readonly kind: 'unconfirmed'; readonly read: FreshRead; readonly again?: Pick<Failure, 'next' | 'attempt'> }
  /** Its provider has taken it (ISO 8601: when), and waits for somebody there. */
  | { readonly kind: 'waiting'; readonly answer: ProviderAnswer; readonly askedAt?: string }
  | { readonly kind: 'unsupported'; readonly verb: Mutation; readonly answer: ProviderAnswer }
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'not_found' }
  /** The sender shows us no such alert, so that its secret cannot be fetched. */
  | { readonly kind: 'unlocated' }
  /**
   * A fresh look found the token working after a kill that was confirmed at this time: brought back elsewhere, or `by` somebody
   * who had asked Patrol for that before they could know of the leak.
   */
  | { readonly kind: 'alive_again'; readonly confirmedAt: string; readonly by?: Actor }
  /** The policy does not name the repository whose alert it is. */
  | { readonly kind: 'unlisted' }
  /** Profiles that could not be searched. */
  | { readonly kind: 'unread'; readonly profiles: readonly Pick<Failure, 'fault' | 'whose' | 'status'>[] };

/**
 * The search that is planned for a case that could not be searched, whose kill was decided and not made, or whose report was put
 * off: the how manyth by itself, and when.
 */
export interface PlannedSearch {
  readonly tries: number;
  readonly at: string;
  /** ISO 8601: when the first of these was planned. */
  readonly since?: string;
  /** True where it has gone on by itself for long enough: none is planned any more. */
  readonly isOver?: true;
  /** True where a kill has waited at its provider for as long as it may: its plan has begun anew once, and does not again. */
  readonly hasWaited?: true;
}

/** A report of a known token that nobody could look for: it is handled anew by the next planned search. */
export interface DeferredReport {
  /** Key of the report. */
  readonly key: string;
  readonly clue?: Clue;
  readonly validity?: CheckedValidity;
  /** Who could not be asked. */
  readonly troubles: readonly CaseTrouble[];
}

/** The look that is planned at a dead token: after the proof of this time, the how manyth, and when. */
export interface PlannedLook {
  readonly after: string;
  readonly looks: number;
  readonly at: string;
}

/** Since when a case needs a person whom nobody is yet, and the call that is planned for it. */
export interface Need {
  readonly since: string;
  readonly next?: { readonly step: 'remind' | 'escalate'; readonly at: string };
}

/** What somebody has said as the owner of a leaked token, or for them. */
export interface OwnerWord {
  readonly said: 'mine' | 'not_mine';
  readonly by: Actor;
  readonly at: string;
  /** True where it was the owner, as the policy or Slack's directory knows them. */
  readonly isOwner: boolean;
}

/** The time for which an owner holds the question about a leaked token. It ends with the question. */
export interface OwnerWait {
  readonly by: Actor;
  /** ISO 8601. */
  readonly until: string;
  /** What the policy let follow when it was asked for. */
  readonly then: 'ask' | 'deactivate';
  /** True where it is over, and the question is asked again. */
  readonly isOver?: true;
}

/** One press on a case's card that was allowed. */
export interface CasePressed {
  readonly act:
    | 'deactivate'
    | 'delete'
    | 'undo'
    | 'dismiss'
    | 'reopen'
    | 'take'
    | 'retry'
    | 'lever'
    | 'mine'
    | 'not_mine'
    | 'wait';
  readonly by: Actor;
  readonly at: string;
}

/** What we made of the reports about one leaked token. */
export interface Case {
  /** `C-` and 16 characters of the SHA-256 of `key` in base 32. */
  readonly id: string;
  readonly version: number;
  /** `token:<profile>:<id>` when matched to one token, else `clue:<fingerprint or hash>`. */
  readonly key: string;
  readonly state: CaseState;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly token?: Token;
  readonly candidates?: readonly Pick<Candidate, 'token' | 'grade' | 'because'>[];
  readonly clue?: Clue;
  /** Names of all different clues that were reported to it; where there are more than it can keep, the newest. */
  readonly clueKeys?: readonly string[];
  /** Names of the clues that a person has decided about: they ask, and never act. `*` is every one. */
  readonly decidedClues?: readonly string[];
  /** What was last learnt of whether the leaked secret is genuine, by whom and when. */
  readonly validity?: CheckedValidity;
  /** When Patrol showed the secret, and to whom; the newest few. */
  readonly showings?: readonly Showing[];
  readonly grade?: Grade;
  readonly because?: readonly MatchReason[];
  readonly decision?: {
    readonly action: 'deactivate' | 'ask' | 'notify' | 'shadow' | 'mute';
    readonly rule: string;
    /** Key of the report that it was decided by, where it is to act. */
    readonly report?: string;
    /** True for what was to follow an owner's time, once a person has decided otherwise. */
    readonly overruled?: true;
  };
  /** Once a report has said that the leak is public it stays so, whatever later ones say. */
  readonly isPublic?: boolean;
  /** What people have pressed on its card, oldest first; at most the 20 newest. */
  readonly presses?: readonly CasePressed[];
  /** Why somebody closed it. */
  readonly dismissReason?: string;
  /** At most the 20 newest; `count` counts all. */
  readonly reports: readonly CaseReport[];
  readonly count: number;
  readonly verb?: 'deactivate' | 'delete';
  readonly receipt?: Receipt;
  /** Why it is not revoked, or what we wait for: facts, whose words are chosen when they are shown. */
  readonly troubles?: readonly CaseTrouble[];
  readonly takenBy?: Actor;
  /** Whoever last had its token changed by a press or a command; absent where a rule did it. */
  readonly changedBy?: Actor;
  /** Who has had its token brought back last, and when (ISO 8601) they asked for that. */
  readonly returned?: { readonly by?: Actor; readonly at: string };
  /** True where the token was inactive or gone before anybody did anything. */
  readonly already?: boolean;
  readonly dismissedBy?: Actor;
  readonly message?: { readonly channel: string; readonly ts: string };
  /** The case in which this one goes on; nothing more happens to it, and what was known of it is known there. */
  readonly mergedInto?: string;
  /** Cases that go on in this one. */
  readonly mergedFrom?: readonly string[];
  /** Alerts to be answered when the token is dead, and those answered. */
  readonly answers?: readonly { readonly source: string; readonly ref: string; readonly answeredAt?: string }[];
  /** Goes up with every undo, so that a new leak of the same token is acted on again. */
  readonly generation: number;
  readonly ownerToldAt?: string;
  /** The message in which its owner was told: it is kept up to date. */
  readonly ownerMessage?: { readonly channel: string; readonly ts: string };
  readonly ownerWord?: OwnerWord;
  readonly wait?: OwnerWait;
  readonly search?: PlannedSearch;
  readonly deferred?: DeferredReport;
  readonly look?: PlannedLook;
  readonly need?: Need;
  /** The message in which it is told together with others, because it got no card of its own. */
  readonly rollUp?: string;
  /** True where more was known of it than can be kept, and texts and lists are cut. */
  readonly isShortened?: boolean;
}

/** How many calls to a provider people's requests have caused, and how many alerts. */
export interface Tally {
  readonly people: number;
  readonly alerts: number;
}

/** Small values with an end: list cursors, the user's open modals, caches shared between containers. */
export interface Notes {
  /** Adds to one counter of a tally, and gives the tally as it is then. Where an answer is lost it may have counted twice. */
  count(key: string, more: { readonly of: keyof Tally; readonly by: number }, ttlSeconds: number): Promise<Tally>;
  put(key: string, value: unknown, ttlSeconds: number): Promise<void>;
  /** Gives the same as a write. */
  writing(key: string, value: unknown, ttlSeconds: number): Write;
  get<T>(key: string): Promise<T | undefined>;
  /**
   * Puts the name `by` only if nothing is there; true for the single winner, also when that one claims again under it, which
   * makes the time begin anew. What is given along is written by a winner alone.
   */
  claim(
    key: string,
    ttlSeconds: number,
    how?: { readonly by?: string; readonly along?: readonly Write[] },
  ): Promise<boolean>;
  /**
   * Claims one of these keys: that which `by` has already, or else one that nobody has; false where others have them all. None
   * of them is ever put or given back in another way.
   */
  claimOneOf(
    keys: readonly string[],
    ttlSeconds: number,
    how: { readonly by: string; readonly along?: readonly Write[] },
  ): Promise<boolean>;
  /**
   * Gives such a claim as a write: of the key that `by` has, or of one that is free as far as this process knows. Not made
   * where another one has it: then the fault of `unmet` is thrown, and `claimOneOf` knows more. `undefined` where others are
   * known to have all.
   */
  claimingOneOf(
    keys: readonly string[],
    ttlSeconds: number,
    how: { readonly by: string; readonly unmet: () => Fault },
  ): Write | undefined;
}

/** How far a remembered job has come: some caller has begun its work, or its result is stored. `undefined` before that. */
export type ProgressOf = (key: string) => Promise<'begun' | 'done' | undefined>;

/** The whole store. All methods throw `store_unavailable` when the table cannot be reached. */
export interface Store {
  readonly remember: Remember;
  readonly progressOf: ProgressOf;
  readonly hold: Hold;
  readonly kept: Kept;
  readonly audit: AuditLog;
  readonly approvals: Records<Approval>;
  readonly cases: Records<Case>;
  readonly notes: Notes;
}
