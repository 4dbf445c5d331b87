import { describe, expect, it } from 'vitest';
import { storedTexts } from '#test/support/stored-texts.ts';

/** Last parts of a field's name under which an instant, an id, a key or a name of the policy stands, and no sentence. */
const VALUES = new Set(
  [
    'at since until after first unheard asked askedAt requestedAt receivedAt confirmedAt actedAt checkedAt openedAt updatedAt startedAt',
    'createdAt lastUsedAt expiresAt deactivatedAt answeredAt ownerToldAt provedAt decidedAt',
    'id key ref mark heard said run by report caseId approvalId requestId leverId deliveryKey clueKey clueKeys decidedClues fingerprint rawFingerprint',
    'rowIdFingerprint hmsl heads tails shortKey tokenId tokenIds likely acceptedBy organizationId tenantId mergedInto mergedFrom merged rollUp',
    'pending userId teamId enterpriseId channelId channel ts topicArn token approvers unreadGroup sharedChannels ownedBy owners target',
    'profile profiles rule role roles approval approves source host whose kind code version topic missingScopes permissions',
    'repository where Scope people link request returned left leaks',
  ].flatMap((line) => line.split(' ')),
);

/** Free text, and whose words it is. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  'typed by a person': [
    'AuditEntry.reason',
    'Order.reason',
    'LeverOrder.reason',
    'BegunChange.order.reason',
    'shared/tokens/ask-confirmation.ts.order.reason',
    'Approval.brokenGlass.reason',
    'Case.dismissReason',
    'Answer.reason',
    'Outcome.reason',
    'Outcome.name',
    'Outcome.alsoNamed',
    'Outcome.line',
    'ListQuery.name',
    'ListQuery.owner',
    'CommandJob.payload: anything',
  ],
  "of the policy's owner": [
    'Refusal.reason',
    'Hindrance.reason',
    'Order.lifts',
    'BegunChange.order.lifts',
    'shared/tokens/ask-confirmation.ts.order.lifts',
    'Outcome.profiles.note',
  ],
  "the provider's": [
    'Token.name',
    'Token.owner.name',
    'NamedRef.name',
    'AuditEntry.tokenName',
    'SeenTokens.leaks.name',
    'HeldCase.name',
    'HeldCase.owner',
    'Outcome.left.name',
    'Outcome.suggestions',
    'ProviderAnswer.quoted',
    'Failure.quoted',
    'Outcome.unread.quoted',
    'Trouble.quoted',
  ],
  "the scanner's, or of whoever reported it": [
    ...['CaseReport', 'LeakJob.report'].flatMap((report) =>
      ['detector', 'note', 'where.author', 'where.commit', 'where.path', 'where.url'].map((one) => `${report}.${one}`),
    ),
    'Muted.detector',
  ],
  "Slack's, of a person": ['OwnerPerson.name'],
};

/**
 * Ours, in the answer to a question: kept for a month so that a request which is delivered again gets the very same answer.
 * No record, case, request or job holds one.
 */
const SAID = [
  'Checkup.advice',
  'Checkup.can',
  'Checkup.cannot',
  'Checkup.identity',
  'Digest.unseen',
  'Outcome.problem',
  'Outcome.profiles.secret.problem',
  'Outcome.slack.closed.problem',
  'Outcome.slack.problem',
  'Outcome.suggestion',
  'Outcome.unanswered',
  'Outcome.unseen',
];

describe('what is stored', () => {
  const fields = storedTexts();

  it('holds no sentence of ours: each free text is somebody else’s', () => {
    const free = [...fields].filter((field) => !VALUES.has(field.split('.').at(-1) ?? ''));
    expect(free.toSorted()).toEqual([...Object.values(FOREIGN).flat(), ...SAID].toSorted());
  });

  it('was looked through as a whole', () => {
    for (const field of [
      'Case.key',
      'AuditEntry.at',
      'Lever.kind',
      'LeakJob.report.note',
      'BegunChange.by',
      'Shown.mark',
    ])
      expect(fields).toContain(field);
  });
});
