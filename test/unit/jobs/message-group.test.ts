import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandJob, LeakJob, Report } from '#shared/jobs/job.ts';
import { messageGroup } from '#shared/jobs/message-group.ts';
import { type Grouped, handOut, queued } from '#test/support/fair-queue.ts';
import { anyCharacter } from '#test/support/arbitraries/any-character.ts';

const receivedAt = '2026-11-22T12:00:00.000Z';
const report = (source: string, key: string, more: Partial<Report> = {}): LeakJob => ({
  ...{ v: 1, kind: 'report', source, receivedAt, deliveryKey: key },
  report: { key, ...more },
});
const pasted = (userId: string, key: string) => report('slack', key, { reporter: { teamId: 'T1', userId } });
const proved = report('github', 'proved', {
  validity: { validity: 'valid', by: 'issuer', checkedAt: receivedAt },
});
const command = (payload: CommandJob['payload'], kind: CommandJob['kind'] = 'command'): CommandJob => ({
  ...{ v: 1, kind, receivedAt, deliveryKey: 'd', payload, sealed: [], unrecognised: 0 },
});

/** How many jobs are handed out between the arrival of one, when 100 of the flood are done, and its own turn. */
async function wait(flood: readonly LeakJob[], one: LeakJob, isGrouped = true): Promise<number> {
  const strip = ({ MessageBody }: Grouped): Grouped => ({ MessageBody });
  const [backlog, late] = [await queued(flood), await queued([one])];
  const all = isGrouped ? [backlog, late] : [backlog.map(strip), late.map(strip)];
  const out = handOut(all[0]!, { 100: all[1]! });
  return out.indexOf(late[0]!.MessageBody) - 100;
}

describe('behind a flood of 500 junk alerts', () => {
  const flood = Array.from({ length: 500 }, (_, index) => report('generic', `junk-${index}`));

  it.each([
    ['a report that a person pasted', pasted('U1', 'mine')],
    ['a proved leak', proved],
    ['a report of another source', report('gitleaks', 'other')],
    [
      'what was planned for now',
      { v: 1, kind: 'wake', receivedAt, deliveryKey: 'w', caseId: 'C-1', step: 'remind', at: receivedAt } as const,
    ],
  ])('%s waits for no more than what is being worked on', async (_what, job) => {
    expect(await wait(flood, job)).toBeLessThanOrEqual(25);
    // One queue without groups would hand it out at the very end.
    expect(await wait(flood, job, false)).toBe(400);
  });

  it('another person is not behind somebody who pastes hundreds', async () => {
    const hundreds = Array.from({ length: 500 }, (_, index) => pasted('U2', `mass-${index}`));
    expect(await wait(hundreds, pasted('U1', 'mine'))).toBeLessThanOrEqual(25);
    expect(await wait(hundreds, pasted('U2', 'mine-too'))).toBe(400);
  });
});

describe('messageGroup', () => {
  it.each([
    [command({ user_id: 'U1' }), 'person-U1'],
    [command({ user: { id: 'U1' } }, 'action'), 'person-U1'],
    [command({ user: { id: 'U1' } }, 'view'), 'person-U1'],
    [command({ event: { user: 'U1' } }, 'event'), 'person-U1'],
    [command({}), 'person-unknown'],
    [pasted('U1', 'x'), 'person-U1'],
    [proved, 'proved'],
    [report('github-partner', 'x'), 'source-github-partner'],
  ])('names whose turn it is', (job, group) => {
    expect(messageGroup(job)).toBe(group);
  });

  it('is a name that SQS takes, whatever the person or source is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), (text) => {
        for (const job of [pasted(text, 'x'), report(text, 'x'), command({ user_id: text })]) {
          expect(messageGroup(job)).toMatch(/^[\w.-]{1,128}$/);
        }
      }),
    );
  });
});
