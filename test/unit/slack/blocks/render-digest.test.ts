import { expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import { digest } from '#shared/hygiene/assess.ts';
import { renderProfiles } from '#shared/slack/blocks/render-profiles.ts';
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
  expect(readAloud(words)).toContain('1,201 reports muted by the policy in the last 7 days');
  expect(readAloud(words)).toContain('`aws_key` 1,200 · `slack_token` 1');
  expect(readAloud(renderDigest(digest(nothing), naming))).not.toContain('muted');
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
