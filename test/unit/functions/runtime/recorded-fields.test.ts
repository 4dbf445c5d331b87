import { expect, it } from 'vitest';
import { recordedFields } from '#functions/runtime/recorded-fields.ts';
import { auditEntry } from '#test/contract/kept-suite.ts';
import { aPolicy } from '#test/unit/policy/policies.ts';

const policy = aPolicy();
const [profile] = Object.keys(policy.profiles);

it('tells names and codes of an entry, and no person, no reason and no name of a token', () => {
  const actor = { userId: 'U0PERSON', teamId: 'T0TEAM' };
  const entry = auditEntry({
    id: 'entry',
    actor,
    what: 'deactivate',
    result: 'done',
    reason: 'left in a cab',
    token: { profile: profile!, id: 'to-1' },
    tokenName: 'laptop',
  });
  const fields = recordedFields(policy, entry, true);
  expect(fields).toMatchObject({ event: 'recorded', source: 'person', verb: 'deactivate', result: 'done', profile });
  expect(fields.provider).toBe(policy.profiles[profile!]!.provider);
  expect(JSON.stringify(fields)).not.toMatch(/U0PERSON|T0TEAM|cab|laptop/);
});

it('tells the source of an alert, and what was asked for rather than what was tried', () => {
  const actor = { source: 'github' };
  const entry = auditEntry({ id: 'entry', actor, what: 'read', verb: 'leak', result: 'noted' });
  expect(recordedFields(policy, entry, true)).toMatchObject({ source: 'github', verb: 'leak', result: 'noted' });
});

it('tells of an entry that was there already only which one it is, so that nothing is counted twice', () => {
  const entry = auditEntry({ id: 'entry', reason: 'left in a cab' });
  const { digest } = recordedFields(policy, entry, true);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(recordedFields(policy, entry, false)).toEqual({ event: 'recorded_again', entry: 'entry', digest });
  expect(recordedFields(policy, { ...entry, reason: 'as agreed' }, false).digest).not.toBe(digest);
});
