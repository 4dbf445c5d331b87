/** Names of the providers Patrol knows. To add one: docs/adding-a-provider.md. */
export const PROVIDER_NAMES = ['dfns', 'langsmith'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** What a person may be allowed to do; the words of `infra/policy.yml`. `lever` is a bigger kill (whole user, org switch). */
export const VERBS = [
  'list',
  'show',
  'deactivate',
  'activate',
  'delete',
  'leak',
  'cases',
  'audit',
  'profiles',
  'stats',
  'lever',
] as const;
export type Verb = (typeof VERBS)[number];

/** What a request may have asked for, in the record and in a refusal: the rights, and the commands that need none. */
export type AskedVerb = Verb | 'whoami' | 'help' | 'version';

/** Why somebody may not do what they asked for. Closed: a new one does not compile until it has words. */
export type DenialReason =
  | 'other_workspace'
  | 'no_role'
  | 'wrong_channel'
  | 'groups_unavailable'
  | 'own_request'
  /** Slack did not tell whether two ids are one person's. */
  | 'maybe_same'
  | 'not_an_approver'
  | 'not_the_requester'
  | 'too_many'
  | 'lapsed'
  | 'settled'
  /** Somebody has decided otherwise since the last yes of others. */
  | 'overtaken'
  /** What others have agreed to is offered no more, or stops more than they have agreed to. */
  | 'outdated'
  /** Only a token's owner, or somebody who may deactivate it, speaks for its owner. */
  | 'not_the_owner'
  /** The time for which an owner may hold a question was taken before. */
  | 'held_before'
  /** Closing what matches for sure wants a typed reason. */
  | 'no_reason';

/** The verbs that change a token, the one that people mean most often first. */
export const MUTATIONS = ['deactivate', 'activate', 'delete'] as const;
export type Mutation = (typeof MUTATIONS)[number];

export const TOKEN_KINDS = ['pat', 'service-key'] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];
export type TokenState = 'active' | 'inactive' | 'expired';

/** Who a token's owner is in Slack; looked up for whoever reads of it, and no fact of the provider. */
export interface OwnerPerson {
  readonly userId: string;
  readonly name?: string;
}

/** A provider's personal access token as an object we list and revoke. Times are ISO 8601 UTC. Holds no secret. */
export interface Token {
  readonly provider: ProviderName;
  readonly profile: string;
  readonly id: string;
  /** As the provider gives it: foreign text, to be escaped wherever it is shown. May be empty. */
  readonly name: string;
  readonly kind: TokenKind;
  readonly state: TokenState;
  readonly owner?: { readonly id: string; readonly name?: string; readonly person?: OwnerPerson };
  readonly organizationId?: string;
  /** Permissions or roles in the provider's words; empty where the provider tells none. */
  readonly permissions: readonly string[];
  readonly createdAt?: string;
  readonly lastUsedAt?: string;
  readonly expiresAt?: string;
  readonly deactivatedAt?: string;
  /** What this provider usually tells and the server left out of this token: silence is not "never". */
  readonly untold?: readonly ('lastUse' | 'expiry')[];
  /** The provider's own masked form (LangSmith `short_key`). */
  readonly shortKey?: string;
  /** True when this is the token that the profile's own credential works with: it is never revoked by us. */
  readonly own: boolean;
}

/** `profile:id`, which names one token everywhere. */
export type TokenRef = { readonly profile: string; readonly id: string };

export const GRADES = ['proved', 'exact', 'strong', 'weak'] as const;
/**
 * How sure a match is. `proved`: the secret itself was accepted by its issuer, verified by the scanner, or is watched by its
 * owner, and means one token. `exact` > `strong` > `weak` only resemble: what they rest on, anybody could have copied.
 */
export type Grade = (typeof GRADES)[number];

export const VALIDITIES = ['valid', 'invalid', 'unknown'] as const;
/** What came of showing a secret to its issuer once: accepted, refused, or no answer that says either. */
export type Validity = (typeof VALIDITIES)[number];

/** An issuer to which a leaked secret was sent, and whether it answered: one that did not may have got it all the same. */
export interface ShownHost {
  readonly host: string;
  readonly answered: boolean;
}

/** One showing of a leaked secret by Patrol, so that whoever reads the issuer's log knows who used it. */
export interface Showing {
  /** ISO 8601. */
  readonly at: string;
  readonly hosts: readonly ShownHost[];
}

/** Whether a leaked secret is genuine: as its issuer answered when it was shown the secret, or as the scanner says. */
export interface CheckedValidity {
  readonly validity: Validity;
  readonly by: 'issuer' | 'scanner';
  /** ISO 8601. An issuer's answer is a use of the leaked secret, and moves the provider's "last used". */
  readonly checkedAt: string;
  /** Ids of the tokens of the secret's own identity, where the issuer told them: it is one of these. */
  readonly tokenIds?: readonly string[];
  /** The one of these that it seems to be, which may be prepared for: nothing is decided by it. */
  readonly likely?: string;
  /** Addresses of the issuers that accepted it: what they say proves nothing of another issuer's tokens. */
  readonly acceptedBy?: readonly string[];
  /** To whom the secret was shown; absent where it was not. */
  readonly shown?: Showing;
}

/** A person in Slack. Identity is (enterprise, team, user). */
export interface Actor {
  readonly enterpriseId?: string;
  readonly teamId: string;
  readonly userId: string;
  /** Where the person asked. */
  readonly channelId?: string;
}

/** A token as an order names it: where it is, and what it was called when it was asked for. */
export type NamedRef = TokenRef & { readonly name: string };

interface Ordered<By> {
  readonly tokens: readonly NamedRef[];
  readonly requester: By;
  /** When the request reached us, ISO 8601; the same on every replay. */
  readonly requestedAt: string;
  /** Tells it from what else the requester asked for in the same millisecond; the same on every replay. */
  readonly request?: string;
  /** Whether the rest is done although one of several went wrong. */
  readonly keepGoing: boolean;
  readonly reason?: string;
  /** The leak case that it is about. */
  readonly caseId?: string;
}

/** A change that somebody asked for, fully named: carried whole from there to the change, and stored as it is. */
export interface ChangeOrder<By = Actor> extends Ordered<By> {
  readonly verb: Mutation;
  /** How many other tokens of the requester's last minutes it was counted together with, where others are asked for that. */
  readonly countedWith?: number;
  /** The policy's reason for protecting the token, where somebody else is asked to lift that for a proved leak. */
  readonly lifts?: string;
  /** Set where each token is stopped for its own leak: whoever decides otherwise on the card of that overrules it. */
  readonly ofLeaks?: true;
  /** The leaks that its requester was told of before their yes, each by `leakName`. */
  readonly leaks?: readonly string[];
}

/** A bigger kill than one token; never pulled automatically. What it does is said by `leverWords` when it is shown. */
export interface Lever {
  /** Stable id, e.g. `deactivate-user:us-…`; validated again when pulled. */
  readonly id: string;
  /** The policy's name for this kind of lever: `dfns.deactivate-user`, `langsmith.stop-new-pats`. */
  readonly kind: string;
  /** The provider's id of whom it stops, where it stops somebody. */
  readonly target?: string;
  /** Set where every token of the token's owner stops with it. */
  readonly stops?: 'owner';
  /** Set where Patrol itself works as whom it stops, and loses its own access. */
  readonly stopsUs?: true;
}

/** A bigger lever that somebody asked for, on the one token of a case. */
export interface LeverOrder extends Ordered<Actor> {
  readonly verb: 'lever';
  readonly lever: Lever;
  /** The working tokens that stop with it. */
  readonly stops: readonly NamedRef[] | 'unread';
  /** Of these, whatever Patrol works with or the policy protects. */
  readonly dies: readonly NamedRef[];
}

/** Whatever somebody can order to be done at a provider. */
export type Order = ChangeOrder | LeverOrder;

/** Proof by reading back. Times are ISO 8601 UTC. */
export interface Receipt {
  readonly verb: Mutation;
  readonly requestedAt: string;
  /** When the provider answered our change; equals `confirmedAt` where nothing had to be changed. */
  readonly actedAt: string;
  /** When a fresh read agreed. */
  readonly confirmedAt: string;
  /** What the provider answered; absent where nothing was asked of it, or nobody heard the answer. */
  readonly answer?: ProviderAnswer;
  /** What the fresh read showed. */
  readonly read: FreshRead;
}

/** What a provider answered to a change, as facts. */
export interface ProviderAnswer {
  /** HTTP status; absent where no answer came. */
  readonly status?: number;
  readonly fact?: AnswerFact;
  /** Its own words about a refusal: foreign text, bounded and without secrets. */
  readonly quoted?: string;
}

/** What is known of an answer beside its status. Closed: a new one does not compile until it has words. */
export type AnswerFact =
  /** What its body says of the token, the user or the organisation. */
  | 'active'
  | 'inactive'
  | 'revoked'
  | 'stopped'
  /** It was so before. */
  | 'so_already'
  /** "Not there" behind an attempt of our own means that the attempt worked. */
  | 'own_attempt'
  /** No answer came, and a fresh read agrees. */
  | 'lost'
  | 'read_agrees'
  | 'unproved'
  /** Somebody at the provider has to agree. */
  | 'waits'
  | 'no_revocation'
  | 'no_switch'
  | 'delete_only';

/** What reading a token anew showed: its state, that it is gone, or that not everything could be seen. */
export type FreshRead = TokenState | 'absent' | 'partial';
