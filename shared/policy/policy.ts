import * as z from 'zod';
import { GRADES, PROVIDER_NAMES, TOKEN_KINDS, VALIDITIES, VERBS } from '#shared/core/vocabulary.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, 'lower case letters, digits, ".", "_" and "-"');
const userId = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'a Slack user id such as U0ADMIN0001');
const groupId = z.string().regex(/^S[A-Z0-9]{2,20}$/, 'a Slack user group id such as S0ONCALL001');
const channelId = z.string().regex(/^[CG][A-Z0-9]{2,20}$/, 'a Slack channel id such as C0SECURITY1');
const glob = z.string().min(1).max(200);
const verb = z.enum(VERBS);
const anyOr = <T extends z.ZodType>(item: T) => z.union([z.literal('*'), z.array(item).min(1)]);

/** Who somebody is: any one of the lists is enough. */
const people = z.strictObject({ users: z.array(userId).default([]), groups: z.array(groupId).default([]) });

const grant = z.strictObject({ verbs: anyOr(verb), profiles: anyOr(name).default('*') });

const role = people.extend({
  /** Where the role counts; without it, in every channel and in App Home. */
  channels: anyOr(channelId).default('*'),
  may: z.array(grant).min(1),
});

const approval = z.strictObject({
  name,
  verbs: z.array(verb).min(1),
  profiles: anyOr(name).default('*'),
  /** The rule counts from this many tokens on (1: always). */
  fromTokens: z.int().min(1).default(1),
  approvers: z.int().min(1).max(10),
  by: z.array(name).min(1).describe('roles whose members may approve'),
  /** Requesters with one of these roles need nobody else. */
  except: z.array(name).default([]),
  expiresMinutes: z.int().min(1).max(10_080).default(60),
  /** Roles that may go ahead alone with a typed reason and a loud note in the security channel. */
  breakGlass: z.array(name).default([]),
});

const alertRule = z.strictObject({
  name,
  when: z
    .strictObject({
      source: anyOr(name).default('*'),
      provider: anyOr(z.enum(PROVIDER_NAMES)).default('*'),
      grade: anyOr(z.enum(GRADES)).default('*'),
      /** What the issuer said of the leaked secret; a leak that was not shown to it fits no list. */
      validity: anyOr(z.enum(VALIDITIES)).default('*'),
      publiclyLeaked: z.boolean().optional(),
      test: z.boolean().optional(),
      /** The matched token's profile, name (globs) and kind; a leak without a token fits no list. */
      profile: anyOr(name).default('*'),
      name: anyOr(glob).default('*'),
      kind: anyOr(z.enum(TOKEN_KINDS)).default('*'),
      /** What the scanner calls the secret's kind, and the repository that it was found in (globs). */
      detector: anyOr(glob).default('*'),
      repository: anyOr(glob).default('*'),
    })
    .prefault({}),
  /** `mute` counts for what nothing links to us: it has no card, and is told in the weekly report. */
  then: z.enum(['deactivate', 'ask', 'notify', 'shadow', 'mute']),
});

/** The shape of `infra/policy.yml`. */
export const policySchema = z.strictObject({
  version: z.literal(1),
  /** `shadow`: alerts never act, cards say what would have been done. People's commands always act. */
  mode: z.enum(['enforce', 'shadow']).default('enforce'),
  /** Slack workspaces whose members may use Patrol; everybody else is refused. */
  teams: z.array(z.string().regex(/^T[A-Z0-9]{2,20}$/)).min(1),
  enterprises: z.array(z.string().regex(/^E[A-Z0-9]{2,20}$/)).default([]),
  channels: z.strictObject({
    security: channelId,
    /** Where others are asked to agree to a request; without it, where the request was made. */
    approvals: channelId.optional(),
    /** Who is called by name on a card that needs a person, and reminded. */
    mention: z.union([groupId, userId]).optional(),
    /** Who or which channel is called when the reminder is not heard; without it every admin is told by direct message. */
    escalate: z.union([groupId, userId, channelId]).optional(),
  }),
  profiles: z.record(
    name,
    z.strictObject({
      provider: z.enum(PROVIDER_NAMES),
      note: z.string().max(200).optional(),
      /** The provider's public address to which a leaked secret of its own may be shown once, to learn whether it is genuine. */
      issuer: z.url({ protocol: /^https$/, hostname: z.regexes.domain }).optional(),
      /** Where cards about its tokens go; without it, the security channel. */
      channel: channelId.optional(),
    }),
  ),
  roles: z.record(name, role),
  approvals: z.array(approval).default([]),
  limits: z
    .strictObject({
      /** Most tokens in one bulk request. */
      bulkMax: z.int().min(1).max(1000).default(200),
      /** What one person has changed alone within so many minutes counts as one request for `approvals.fromTokens`. */
      bulkMinutes: z.int().min(1).max(1440).default(10),
      /** Asks for a confirmation by button before a kill that a person typed. */
      confirm: z.array(z.enum(['deactivate', 'delete'])).default(['delete']),
    })
    .prefault({}),
  /**
   * Tokens that are not revoked, by id or by owner. A name pattern counts only together with an owner or a named profile:
   * whoever mints a token names it.
   */
  protected: z
    .array(
      z.strictObject({
        profile: z.union([z.literal('*'), name]).default('*'),
        id: z.string().min(1).max(64).optional(),
        owner: z
          .string()
          .min(1)
          .max(200)
          .optional()
          .describe("the owner's id, name or e-mail, as the provider tells it"),
        name: z.string().min(1).max(200).optional(),
        reason: z.string().min(3).max(300),
      }),
    )
    .default([]),
  alerts: z.strictObject({
    /** Sources that accept deliveries; others answer 404. */
    sources: z.array(name).min(1),
    rules: z.array(alertRule).min(1),
    /** SNS topics that may speak. */
    snsTopics: z.array(z.string().startsWith('arn:')).default([]),
    /** Repositories of GitHub (`owner/name`, globs) whose alerts are fetched and closed; without it, all that the token sees. */
    repositories: z
      .array(z.string().regex(/^[\w.*?-]+\/[\w.*?-]+$/, 'owner/name, with * and ?'))
      .min(1)
      .optional(),
    /** Bigger levers offered on a card, by kind (`dfns.deactivate-user`, …). */
    levers: z.array(z.string().max(60)).default([]),
    /**
     * Shows each leaked secret once to the issuer that a profile names, which proves that it is genuine. It is a use of the
     * leaked secret: `false` where decoy tokens are planted that ring when used.
     */
    validityCheck: z.boolean().default(true),
    /** How many tokens of one profile may be killed without a human in so many minutes; further ones ask together. */
    brake: z
      .strictObject({ kills: z.int().min(1).max(1000).default(3), minutes: z.int().min(1).max(1440).default(10) })
      .prefault({}),
    /**
     * How many new cases of a kind (means a token of ours; means none) get a card each in so many minutes; further ones are
     * told together by one message. Proved leaks and people's reports have four times as many.
     */
    flood: z
      .strictObject({ cards: z.int().min(1).max(1000).default(10), minutes: z.int().min(1).max(1440).default(10) })
      .prefault({}),
    /** Puts links and paths of a report on the card. */
    showWhere: z.boolean().default(true),
    /** Minutes after which a case that needs a person, and that nobody has taken, is called out again; 0: never. */
    remindMinutes: z.int().min(0).max(1440).default(15),
    /**
     * What the word of a token's own owner may cause, whom `owners` names or Slack knows by the provider's e-mail address.
     * By default it changes nothing by itself: it is shown to those who decide.
     */
    owner: z
      .strictObject({
        /** "It is mine, replaced": shows the word (`ask`), or deactivates the leaked token at once. */
        replaced: z.enum(['ask', 'deactivate']).default('ask'),
        /** For how long the owner may hold the question. */
        waitMinutes: z.int().min(1).max(240).default(30),
        /** What follows when that time is over and nobody has decided. */
        afterWait: z.enum(['ask', 'deactivate']).default('ask'),
      })
      .prefault({}),
  }),
  hygiene: z
    .strictObject({
      staleDays: z.int().min(1).default(180),
      unusedDays: z.int().min(1).default(60),
      expiringDays: z.int().min(1).default(14),
      manyPermissions: z.int().min(1).default(8),
      channel: channelId.optional(),
    })
    .prefault({}),
  /** Provider's owner id, name or e-mail → Slack user, for direct messages. */
  owners: z.record(z.string(), userId).default({}),
});

export type Policy = z.infer<typeof policySchema>;
export type Role = Policy['roles'][string];
export type ApprovalRule = Policy['approvals'][number];
export type AlertRule = Policy['alerts']['rules'][number];
