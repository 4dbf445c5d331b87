import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimsOf, refute, speaksOfTokens } from '#infra/sandbox/demo/claims.ts';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';

const message = (text: string, blockText = text): SlackMessage => ({
  channel: 'C0SECURITY1',
  ts: '1.000001',
  user: 'U0PATROLBOT',
  text,
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: blockText } }],
});
const token = (state: StandInToken['state'], name = 'laptop'): StandInToken => ({
  provider: 'dfns',
  profile: 'dfns-demo',
  id: 'to-1',
  name,
  owner: 'us-1',
  state,
  createdAt: '2026-01-01T00:00:00Z',
  secret: 'fake',
});
const mistakes = (said: SlackMessage, before: StandInToken, after: StandInToken) =>
  claimsOf(said).flatMap((claim) => refute(claim, [before], [after]) ?? []);

describe("the demo's check of what was said", () => {
  it.each([
    ['Deactivated: `laptop`. Proof: …', 'active', 'inactive'],
    ['Active again: `laptop`.', 'inactive', 'active'],
    ['Deleted: `laptop`.', 'inactive', 'deleted'],
    ['Leaked: `laptop`. Deactivated, confirmed.', 'active', 'inactive'],
    ['Leaked: `laptop`. NOT revoked yet: working on it.', 'active', 'inactive'],
    ['Leaked: `laptop`. NOT revoked.', 'active', 'active'],
    ['NOT deactivated: `laptop` is protected.', 'active', 'active'],
    ['`laptop` was already inactive.', 'inactive', 'inactive'],
    ['Delete `laptop`? Nothing has been done yet.', 'active', 'deleted'],
    ['*`laptop`* · active · 2 years old\nowner `us-1` · `dfns-demo:to-1`', 'active', 'active'],
    ['1 token, 1 profile.', 'active', 'active'],
  ] as const)('believes "%s" of a token that was %s and is %s', (text, before, after) => {
    expect(claimsOf(message(text)).length).toBeGreaterThan(0);
    expect(mistakes(message(text), token(before), token(after))).toEqual([]);
  });

  it.each([
    ['Deactivated: `laptop`. Proof: …', 'active', 'active'],
    ['Active again: `laptop`.', 'inactive', 'inactive'],
    ['Deleted: `laptop`.', 'active', 'inactive'],
    ['Leaked: `laptop`. Deactivated, confirmed.', 'active', 'active'],
    ['Leaked: `laptop`. NOT revoked yet: working on it.', 'inactive', 'inactive'],
    ['Leaked: `laptop`. NOT revoked.', 'active', 'inactive'],
    ['NOT deactivated: `laptop` is protected.', 'active', 'inactive'],
    ['`laptop` was already inactive.', 'inactive', 'active'],
    ['Delete `laptop`? Nothing has been done yet.', 'deleted', 'deleted'],
    ['*`laptop`* · inactive · 2 years old\nowner `us-1` · `dfns-demo:to-1`', 'active', 'active'],
    ['2 tokens, 1 profile.', 'active', 'active'],
    ['Deactivated: `somebody-else`.', 'active', 'inactive'],
  ] as const)('catches "%s" of a token that was %s and is %s', (text, before, after) => {
    expect(mistakes(message(text), token(before), token(after))).not.toEqual([]);
  });

  it('looks into the blocks too, and at the fresh read that a proof cites', () => {
    const said = message(
      'Done.',
      '*Deactivated: `laptop`.*\nThe provider said: HTTP 200; then a fresh read says active.',
    );
    expect(mistakes(said, token('active'), token('inactive'))).toHaveLength(1);
  });

  it('knows a name that had to be escaped', () => {
    const said = message('Deactivated: `&lt;!channel&gt;`.');
    expect(mistakes(said, token('active', '<!channel>'), token('active', '<!channel>'))).toHaveLength(1);
    expect(mistakes(said, token('active', '<!channel>'), token('inactive', '<!channel>'))).toEqual([]);
  });

  it('tells texts that must be checkable from those that claim nothing', () => {
    expect(speaksOfTokens('The token is confirmed dead.')).toBe(true);
    expect(speaksOfTokens('NOT revoked: nobody answers.')).toBe(true);
    expect(speaksOfTokens('Approval needed: may <@U0OPERATOR1> delete `laptop`? Nothing has been done yet.')).toBe(
      false,
    );
  });
});

/** Plays the demo whole; gives how it ended and what it printed. */
async function runDemo(...flags: readonly string[]) {
  const demo = join(import.meta.dirname, '../../infra/sandbox/demo/demo.ts');
  const child = spawn(process.execPath, [demo, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number];
  return { code, printed };
}

describe('npm run demo', () => {
  it('plays the main job, prints what was said and how long it took, and ends well', async () => {
    const { code, printed } = await runDemo();
    expect([code, printed]).toEqual([0, expect.stringMatching(/All \d+ statements about tokens agree/)]);
    for (const line of [
      /operator +\/pat list/,
      /Patrol +Deactivated: laptop-anna/,
      /Patrol +Active again: laptop-anna/,
      /operator +presses "Yes, delete"/,
      /approver +presses "Approve delete"/,
      /Patrol +Deleted: staging-backfill/,
      /scanner +GitHub reports the secret of grafana-exporter \(dfns\)/,
      /Patrol +Leaked: notebook\. Deactivated, confirmed/,
      /Request to acknowledgement: .*\d+ ms/,
      /Alert to proof, or to the question, in the channel: dfns \d+ ms · langsmith \d+ ms/,
    ]) {
      expect(printed).toMatch(line);
    }
  });
  it('shows a card that asks where no leaked secret is shown to its issuer: possession is not proved', async () => {
    const { code, printed } = await runDemo('--without-validity-check');
    expect([code, printed]).toEqual([0, expect.stringMatching(/All \d+ statements about tokens agree/)]);
    expect(printed).toMatch(/Patrol +Leaked: notebook\. NOT revoked: a person must decide/);
    expect(printed).not.toMatch(/Leaked: notebook\. Deactivated, confirmed/);
  });
});
