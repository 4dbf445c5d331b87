import { expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import { digest } from '#shared/hygiene/assess.ts';
import { renderProfiles } from '#shared/slack/blocks/render-profiles.ts';
import { FACTS } from '#shared/providers/facts.ts';
import { renderDigest } from '#shared/slack/blocks/render-digest.ts';
import { addToken, createRoom, NOW } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

const room = createRoom();
const { hygiene: thresholds } = room.services.policy;
const nothing = { inventories: [], unread: [], thresholds, now: NOW };
const naming = { now: NOW, discreet: false };

it('says what the policy muted, by kind, and nothing where it muted nothing', () => {
  const muted = [
    { detector: 'aws_key', reports: 1200 },
    { detector: 'slack_token', reports: 1 },
  ];
  const words = renderDigest(digest({ ...nothing, muted }), naming);
  expect(checkBlocks(words.blocks)).toEqual([]);
  expect(readAloud(words)).toContain('1,201 reports muted by the policy, of leaks that came first in the last 7 days');
  expect(readAloud(words)).toContain('`aws_key` 1,200 · `slack_token` 1');
  expect(readAloud(renderDigest(digest(nothing), naming))).not.toContain('muted');
});

it('says of what works again no more than its case knows, and then not that there is nothing to do', () => {
  const token = addToken(room, 'revived');
  const inventories = [
    { profile: token.profile, provider: token.provider, knows: FACTS[token.provider].knows, tokens: [], unseen: [] },
  ];
  const seen = { ...digest({ ...nothing, inventories }), seen: 4, active: 4 };
  const words = readAloud(renderDigest({ ...seen, revived: [{ caseId: 'C-1', token }] }, naming));
  expect(words).toContain('ALIVE AGAIN AT THE PROVIDER: 1 leaked token, read as stopped before.');
  // It may have been stopped by no kill of ours, and brought back through Patrol: its card tells that.
  expect(words).not.toMatch(/outside of Patrol|confirmed kill|dead on the card|: nothing to do/i);
  expect(words).toContain('nothing else to do in 4 tokens');
  expect(readAloud(renderDigest(seen, naming))).toContain('nothing to do in 4 tokens');
});

it('names the tokens that the policy newly protects', () => {
  const newlyProtected = [addToken(room, 'a', { name: 'break-glass-lucky' })];
  const words = readAloud(renderDigest(digest({ ...nothing, newlyProtected }), naming));
  expect(words).toContain('1 token newly protected by the policy.');
  expect(words).toContain('break-glass-lucky');
});

it('names them to whoever asks the doctor, each with its owner, and without ammunition where others read it', () => {
  const token = addToken(room, 'to-0123456789', {
    name: 'break-glass-lucky',
    owner: { id: 'us-1', name: 'mallory@example.com' },
  });
  const outcome = { kind: 'profiles', profiles: [], slack: { missingScopes: [] }, newlyProtected: [token] } as const;
  const message = renderProfiles(outcome, naming);
  expect(checkBlocks(message.blocks)).toEqual([]);
  expect(readAloud(message)).toMatch(
    /1 token newly protected by the policy\..*break-glass-lucky.*owner `mallory@example\.com` \(`us-1`\)/s,
  );
  const overheard = readAloud(renderProfiles(outcome, { now: NOW, discreet: true }));
  expect(overheard).toContain('owner `mallory@example.com`');
  expect(overheard).not.toContain(token.id);
  expect(readAloud(renderProfiles({ ...outcome, newlyProtected: [] }, naming))).not.toContain('protected');
});
