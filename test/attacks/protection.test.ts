import { beforeAll, expect } from 'vitest';
import { inspectPolicy } from '#shared/policy/check-policy.ts';
import { loadPolicy } from '#infra/policy.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import { dfnsToken } from '#test/support/leaks.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';
import { aPolicy } from '#test/unit/policy/policies.ts';

let driver: AlertDriver;
beforeAll(async () => {
  driver = createAlertDriver(await sharedSandbox());
});

attack(
  {
    name: 'protected-by-another-profile',
    finding: 23,
    does: 'asks for a token that is protected by its id in one profile, through another profile that sees it too',
    holds: 'it is protected there as well: an id is one token',
    inside: 'it takes two profiles that see one token, and the sandbox has one of each provider',
    without: [
      {
        file: 'shared/policy/protected-by.ts',
        replace: 'if (id !== undefined && isSame',
        by: "if (id !== undefined && (profile === '*' || profile === token.profile) && isSame",
      },
    ],
  },
  () => {
    const policy = aPolicy({ protected: [{ profile: 'one', id: 'to-1', reason: 'emergency access' }] });
    expect(protectedBy(policy, { profile: 'two', id: 'to-1', name: '' })).toBe('emergency access');
  },
);

attack(
  {
    name: 'minted-under-a-protected-name',
    finding: 4,
    does: 'mints a token whose name begins as the shipped protection does, as somebody else',
    holds: 'the name alone protects nothing, and a policy in which it would is refused',
    without: [
      {
        file: 'shared/policy/protected-by.ts',
        replace: '(owner === undefined || isOwnedBy',
        by: "(owner !== '' || isOwnedBy",
      },
    ],
  },
  async () => {
    const token = await driver.issue('langsmith', 'break-glass-mine', { owner: 'mallory@example.com' });
    await driver.report('gitleaks', token);
    await driver.becomes(token, 'inactive');
    const bare = { ...loadPolicy(), protected: [{ name: 'break-glass-*', reason: 'emergency' }] };
    expect(inspectPolicy(bare)).toHaveProperty('problems');
  },
);

attack(
  {
    name: 'protected-although-leaked',
    finding: 4,
    does: 'leaks a protected token, and relies on nobody being able to stop it; then one person alone tries to',
    holds: 'one person stops nothing, two stop it when the leak is proved, and not when it only resembles',
    without: [
      {
        file: 'shared/tokens/change-token.ts',
        replace: "if (lifts === undefined || caseId === undefined || !('userId' in requester)) return false;",
        by: "if (caseId === undefined || !('userId' in requester)) return false;\n  if (lifts === undefined) return true;",
      },
    ],
  },
  async () => {
    const likeness = await driver.issue('dfns', 'break-glass-resembled');
    const [header = '', claims = ''] = likeness.secret.split('.');
    await driver.tell([{ secret: `${header}.${claims}.${dfnsToken().split('.')[2] ?? ''}` }]);
    const likely = await driver.card(likeness.name, /NOT revoked/);
    expect(JSON.stringify(likely.blocks)).not.toMatch(
      /"text":"(?:Deactivate|Delete|Try again|Ask to lift the protection)"/,
    );

    const token = await driver.issue('dfns', 'break-glass-leaked');
    await driver.report('gitleaks', token);
    const card = await driver.card(token.name, /NOT revoked/);
    expect(await driver.stateOf(token)).toBe('active');
    const asked = await driver.next(
      () => driver.press(card, 'Ask to lift the protection', 'operator'),
      /^Approval needed/,
    );
    await driver.next(() => driver.press(asked, 'Approve', 'operator'), /nobody approves their own|may not approve/);
    expect(await driver.stateOf(token)).toBe('active');
    await driver.press(asked, 'Approve', 'approver');
    await driver.becomes(token, 'inactive');
    expect(await driver.stateOf(likeness)).toBe('active');
  },
);

attack(
  {
    name: 'lever-that-saws-off-our-branch',
    finding: 22,
    does: 'asks for a lever under which the token that Patrol works with and the emergency token would die',
    holds: 'two others have to agree, and the request names what dies',
    without: [
      {
        file: 'shared/cases/levers-for.ts',
        replace: "return stopsUs === true || dies === 'unread' || dies.length > 0;",
        by: "return dies === 'unread';",
      },
    ],
  },
  async () => {
    const token = await driver.issue('dfns', 'leaked beside ours');
    await driver.report('gitleaks', token);
    const card = await driver.card(token.name, /Deactivated, confirmed\./);
    await driver.issue('dfns', 'free beside ours');
    const asked = await driver.next(() => driver.press(card, 'Stop the whole user…', 'admin'), /^Approval needed/);
    expect(wordsOf(asked)).toMatch(/of 2\b/);
    const [, dying = ''] =
      /With it dies what Patrol works with[^\n]*\n((?:[^\n]*•[^\n]*\n)+)/.exec(wordsOf(asked)) ?? [];
    for (const dies of ['patrol-bot', 'break-glass-payments']) expect(dying).toContain(dies);
    expect(dying).not.toMatch(/(?:leaked|free) beside ours/);
    await driver.press(asked, 'Approve', 'approver');
    // One yes of two pulls nothing.
    expect(wordsOf(await driver.reads(asked, /Approved by 1 of 2/))).toContain('Nothing has been done yet.');
  },
);
