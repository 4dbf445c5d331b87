import type {
  Actor,
  AskedVerb,
  DenialReason,
  Mutation,
  NamedRef,
  Order,
  FreshRead,
  ProviderAnswer,
  ProviderName,
  Receipt,
  Token,
  TokenRef,
  TokenState,
  Verb,
} from '#shared/core/vocabulary.ts';
import type { Right } from '#shared/policy/rights.ts';
import type { Checkup } from '#shared/providers/provider.ts';
import type { Approval, AuditEntry, Case, Refusal } from '#shared/store/store.ts';
import type { ListQuery } from './command.ts';
import type { Digest } from './digest.ts';
import type { ProfileTrouble, Trouble } from './trouble.ts';
import type { Hindered } from './hindrance.ts';

/** How one change of one token ended. "Deactivated", "deleted" and "active again" are said for `changed` only. */
export type Change =
  /** The provider was read back and agrees. */
  | {
      readonly kind: 'changed';
      readonly verb: Mutation;
      readonly token: Token;
      /** It was so already, and not by this request. */
      readonly already: boolean;
      readonly receipt: Receipt;
      /** Whether the change can be undone. */
      readonly undo: boolean;
      /** True for a return over a leak that was not named when it was asked for, and was found before it came about. */
      readonly leakedMeanwhile?: true;
    }
  | { readonly kind: 'not_found'; readonly verb: Mutation; readonly asked: string }
  | { readonly kind: 'unsupported'; readonly verb: Mutation; readonly token: Token; readonly answer: ProviderAnswer }
  /** The provider accepted and waits for somebody on its side; nothing is revoked yet. */
  | {
      readonly kind: 'waiting_on_provider';
      readonly verb: Mutation;
      readonly token: Token;
      readonly answer: ProviderAnswer;
      /** ISO 8601: when the request was made that waits there, by this one or by another before it. */
      readonly askedAt?: string;
    }
  /** The provider accepted, and reading back does not agree. */
  | {
      readonly kind: 'unconfirmed';
      readonly verb: Mutation;
      readonly token: Token;
      readonly read: FreshRead;
      /** What kept it from being read back. */
      readonly unread?: Pick<Trouble, 'fault' | 'status' | 'quoted'>;
    }
  | ({ readonly kind: 'refused'; readonly verb: Mutation; readonly token: Token } & Refusal)
  | {
      readonly kind: 'failed';
      readonly verb: Mutation;
      readonly ref: TokenRef;
      readonly name: string;
      readonly trouble: Trouble;
    };

/** Why a file went to the person alone: Slack takes none in the channel, or it tells more than the channel may read. */
export type SentAlone = 'refused' | 'discreet';

/** Every expected ending of a command. Rendering switches over `kind`, so a new one does not compile until it has words. */
export type Outcome =
  | Change
  | {
      readonly kind: 'listed';
      readonly query: ListQuery;
      /** The rows of this page. */
      readonly tokens: readonly Token[];
      /** Index of the first row, from 0. */
      readonly offset: number;
      /** How many match the filters, and how many were seen in all. */
      readonly matching: number;
      readonly seen: number;
      /** How many of those that match are in each state. */
      readonly byState?: Readonly<Partial<Record<TokenState, number>>>;
      readonly profiles: readonly string[];
      readonly unread: readonly ProfileTrouble[];
      /** What the credentials cannot see. */
      readonly unseen: readonly string[];
      /** Filters that cannot be answered in whole, and why. */
      readonly unanswered?: readonly string[];
      readonly private: boolean;
      /** The rows are in a file, all of them; once it is sent it holds them instead of `tokens`. */
      readonly file?: 'jsonl' | 'csv';
      readonly sentAlone?: SentAlone;
      readonly at: string;
    }
  | { readonly kind: 'shown'; readonly token: Token; readonly may: readonly Mutation[] }
  | {
      readonly kind: 'ambiguous';
      readonly verb: Mutation | 'show';
      readonly asked: string;
      readonly candidates: readonly Token[];
      readonly reason?: string;
    }
  | {
      readonly kind: 'unknown_token';
      readonly verb: Mutation | 'show' | 'audit';
      readonly asked: string;
      readonly suggestions: readonly string[];
      /** True where the suggestions are ids, and not names. */
      readonly suggestsIds?: true;
      readonly unread: readonly ProfileTrouble[];
    }
  /** Waits for the requester's own yes. `pending` is the id that the buttons carry. */
  | {
      readonly kind: 'confirm';
      readonly verb: Mutation;
      readonly tokens: readonly Token[];
      readonly pending: string;
      readonly requester: Actor;
      readonly reason?: string;
      readonly keepGoing: boolean;
      /** The filter by which the tokens were found, and what of it could not be answered. */
      readonly filter?: ListQuery;
      readonly unread?: readonly ProfileTrouble[];
      readonly unseen?: readonly string[];
      /** What was named, or fits the filter, and cannot be changed: it is left out. */
      readonly leftOut?: readonly Hindered[];
      /** Other tokens that the reason names: they stay as they are. */
      readonly alsoNamed?: readonly string[];
      /** Leaks because of which the tokens were stopped. */
      readonly leaks?: readonly Case[];
      /** Whose yes is needed after this one. */
      readonly approvers?: {
        readonly needed: number;
        readonly roles: readonly string[];
        /** True where fewer than that could agree now: the yes leads to breaking the glass. */
        readonly tooFew?: true;
        /** Other tokens that the requester has asked for alone lately, where they count as one request. */
        readonly countedWith?: number;
      };
      readonly expiresAt: string;
    }
  /** Nothing of what was asked for can be done, or is left to be done: nobody is asked for a yes. */
  | {
      readonly kind: 'hindered';
      readonly verb: Mutation;
      readonly hindered: readonly Hindered[];
      readonly requester: Actor;
      readonly reason?: string;
      readonly filter?: ListQuery;
      readonly unread?: readonly ProfileTrouble[];
      readonly unseen?: readonly string[];
    }
  /** Waits for others (open), or says how that ended. */
  | {
      readonly kind: 'approval';
      readonly approval: Approval;
      readonly approvers: readonly string[];
      readonly mayBreakGlass: boolean;
    }
  /** The requester's yes was taken, and the request was put before others in a message of its own. */
  | {
      readonly kind: 'passed_on';
      readonly order: Order;
      readonly approvers: readonly string[];
      readonly expiresAt: string;
      /** The request, where it waits no more by the time that this is said. */
      readonly settled?: Approval;
      /** The channel, where it is another one. */
      readonly where?: string;
    }
  | {
      readonly kind: 'no_approver';
      /** The stored request, for breaking the glass. */
      readonly approvalId?: string;
      readonly verb: Verb;
      /** Absent where no approval rule of the policy covers it, and it is never done without one. */
      readonly rule?: string;
      readonly roles: readonly string[];
      /** How many others must agree, and how many there are who could. */
      readonly needed: number;
      readonly could: number;
      /** True where Slack did not tell who is in a user group that counts: there may be more. */
      readonly unread: boolean;
      readonly mayBreakGlass: boolean;
    }
  | {
      readonly kind: 'denied';
      readonly verb: AskedVerb;
      readonly profile?: string;
      readonly why: DenialReason;
      /** Roles that may, so that the person knows whom to ask. */
      readonly roles: readonly string[];
      /** The people who may, as far as Slack tells. */
      readonly people?: readonly string[];
      /** The line that was refused, by which those who may can be asked. */
      readonly line?: string;
      readonly limit?: number;
      /** Set when it is not the presser's right that is missing, but that of whoever made the approved request. */
      readonly whose?: 'requester';
      /** How, by whom and when what was pressed had been decided before. */
      readonly settled?: Settled;
    }
  /** Somebody asks those who may for what they may not do themselves; nothing is done until one of those does it. */
  | {
      readonly kind: 'plea';
      readonly verb: Mutation;
      readonly by: Actor;
      /** As it was typed: it runs by the rights of whoever presses it. */
      readonly line: string;
      readonly people: readonly string[];
    }
  /** Where those who may were asked; `isRepeat`: they had been, and were not asked twice. */
  | {
      readonly kind: 'plea_sent';
      readonly verb: Mutation;
      readonly people: readonly string[];
      readonly where: string;
      readonly isRepeat: boolean;
    }
  /** The very same was asked for before, and waits for others: nothing was asked twice. */
  | {
      readonly kind: 'asked_before';
      readonly verb: Verb;
      readonly by: Actor;
      readonly at: string;
      /** How many people have to agree to the first request yet. */
      readonly missing: number;
      readonly expiresAt: string;
      /** Where it stands, once it was said. */
      readonly message?: NonNullable<Approval['message']>;
      /** The address that opens it, where Slack gives one. */
      readonly link?: string;
    }
  /** A second yes of the same person, to a request that is still open: the first one counts, and it alone. */
  | { readonly kind: 'already_voted'; readonly verb: Verb; readonly at: string; readonly missing: number }
  | { readonly kind: 'cancelled'; readonly verb: Verb; readonly by: Actor; readonly tokens?: readonly NamedRef[] }
  /** One message, edited in place while it runs. */
  | {
      readonly kind: 'bulk';
      readonly verb: Mutation;
      readonly state: 'running' | 'done' | 'stopped' | 'given_up';
      /** After how many deliveries it was given up. */
      readonly attempts?: number;
      /** Names the run for whoever wants to stop it. */
      readonly run?: string;
      /** Who has stopped it by hand. */
      readonly stoppedBy?: Actor;
      readonly total: number;
      readonly changes: readonly Change[];
      /** Not touched, because the run was stopped; of a run that was given up, those that its last delivery came not to. */
      readonly left: readonly (TokenRef & { readonly name: string })[];
      readonly requester: Actor;
      readonly approvedBy: readonly Actor[];
      readonly brokenGlassBy?: Actor;
      readonly reason?: string;
      readonly startedAt: string;
      readonly at: string;
    }
  | { readonly kind: 'cases'; readonly cases: readonly Case[]; readonly open: boolean }
  | {
      readonly kind: 'case';
      readonly case: Case;
      readonly entries: readonly AuditEntry[];
      /** The address of its card, where it has one that Slack tells. */
      readonly link?: string;
    }
  | { readonly kind: 'unknown_case'; readonly asked: string; readonly suggestions: readonly string[] }
  | {
      readonly kind: 'audited';
      readonly entries: readonly AuditEntry[];
      /** How many entries are in the file, once it holds them instead of `entries`. */
      readonly filed?: number;
      /** The file went to the person alone. */
      readonly sentAlone?: SentAlone;
      readonly more: boolean;
      readonly file?: 'jsonl' | 'csv';
      readonly since?: string;
    }
  | {
      readonly kind: 'profiles';
      readonly profiles: readonly {
        readonly profile: string;
        /** Missing where no provider is known for it. */
        readonly provider?: ProviderName;
        readonly note?: string;
        /** Whether its secret could be read; `problem` names the missing field, never a value. */
        readonly secret: { readonly readable: boolean; readonly problem?: string };
        readonly checkup?: Checkup;
      }[];
      readonly slack: {
        readonly missingScopes: readonly string[];
        readonly problem?: string;
        /** Channels that must hear of leaks and take no message, each with Slack's code. */
        readonly closed?: readonly { readonly channel: string; readonly problem: string }[];
        /** Channels that hear of leaks, and that another company reads too, or is about to. */
        readonly sharedChannels?: readonly string[];
        /** A user group of the policy whose members Slack does not tell. */
        readonly unreadGroup?: string;
      };
      /** Tokens that the policy protects and no weekly report has told of yet: whoever named or minted them made them immune. */
      readonly newlyProtected?: readonly Token[];
    }
  | {
      readonly kind: 'stats';
      readonly since: string;
      readonly revoked: number;
      readonly restored: number;
      readonly failed: number;
      readonly denied: number;
      readonly openCases: number;
      readonly openApprovals: number;
      /** Milliseconds from alert received to confirmed dead; absent without a single one. */
      readonly timeToRevoke?: { readonly p50: number; readonly p95: number; readonly count: number };
    }
  | {
      readonly kind: 'whoami';
      readonly actor: Actor;
      readonly roles: readonly string[];
      readonly rights: readonly Right[];
      readonly approves: readonly string[];
      readonly problem?: 'groups_unavailable' | 'other_workspace';
    }
  | {
      readonly kind: 'help';
      readonly topic?: string;
      readonly verbs: readonly Verb[];
      readonly examples: { readonly profile?: string };
    }
  /** A fault that ended the whole command. */
  | {
      readonly kind: 'trouble';
      readonly verb: Verb | undefined;
      readonly trouble: Trouble /** The tokens as typed. */;
      readonly asked?: readonly string[];
    }
  /** A bigger lever, pulled after an approval. `done` only when the provider was read back. */
  | {
      readonly kind: 'lever';
      readonly leverId: string;
      readonly result: 'done' | 'unproved' | 'lost' | 'pending' | 'refused' | 'unsupported' | 'not_found';
      /** Absent where the provider does not know the lever. */
      readonly answer?: ProviderAnswer;
      readonly profile: string;
    }
  /** A command that was not fully understood; nothing was done. `suggestion` works when pasted. */
  | { readonly kind: 'misunderstood'; readonly problem: string; readonly suggestion?: string; readonly topic?: string }
  /** A request that takes longer than usual; `asked` are the tokens as typed. */
  | { readonly kind: 'working'; readonly asked: readonly string[] }
  /** A press asked for another try at once; without `trouble` one is under way already. */
  | { readonly kind: 'tried_now'; readonly verb: Mutation; readonly trouble?: Trouble }
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'hygiene'; readonly digest: Digest }
  /** Slack did not open the window in which a leak is reported. */
  | { readonly kind: 'no_window' }
  /** What a person pasted as a leak. */
  | { readonly kind: 'leak_received'; readonly recognised: number; readonly unrecognised: number };

export type OutcomeOf<K extends Outcome['kind']> = Extract<Outcome, { kind: K }>;

const CHANGE_KINDS: ReadonlySet<string> = new Set<Change['kind']>([
  'changed',
  'not_found',
  'unsupported',
  'waiting_on_provider',
  'unconfirmed',
  'refused',
  'failed',
]);

/** True for the endings of one change of one token. */
export function isChange(outcome: Outcome): outcome is Change {
  return CHANGE_KINDS.has(outcome.kind);
}

/** A decision that came first. */
export interface Settled {
  readonly how:
    | 'confirmed'
    | 'cancelled'
    | 'approved'
    | 'let through by broken glass'
    | 'refused'
    | 'taken back'
    | 'changed';
  readonly by: Actor;
  readonly at: string;
}
