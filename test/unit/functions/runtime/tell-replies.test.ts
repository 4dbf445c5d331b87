import { expect, it } from 'vitest';
import { tellReplies } from '#functions/runtime/tell-replies.ts';
import { createLog } from '#shared/telemetry/log.ts';
import type { Reply } from '#shared/slack/reply.ts';

const KINDS = {
  post: 'post',
  edit: 'edit',
  whisper: 'whisper',
  tell: 'tell',
  note: 'note',
  upload: 'upload',
  updateView: 'view',
  publishHome: 'home',
} as const;

it('tells of whatever Slack took, after it did, with nothing of what was said', async () => {
  const lines: string[] = [];
  const log = createLog(
    { function: 'slack-worker' },
    (line) => lines.push(line),
    () => new Date(0),
  );
  const said: unknown[][] = [];
  let isDown = false;
  const say = async (...given: unknown[]) => {
    if (isDown) throw new Error('no answer');
    said.push(given);
    return 'what Slack answered';
  };
  const mute = Object.fromEntries(Object.keys(KINDS).map((method) => [method, say])) as unknown as Reply;
  const told = tellReplies(mute, log) as unknown as Readonly<Record<string, typeof say>>;
  for (const [method, kind] of Object.entries(KINDS)) {
    expect(await told[method]?.('words', method)).toBe('what Slack answered');
    expect(said.at(-1)).toEqual(['words', method]);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 'info', event: 'said', kind });
  }
  isDown = true;
  await expect(told['post']?.('words')).rejects.toThrow('no answer');
  expect(lines).toHaveLength(Object.keys(KINDS).length);
  expect(lines.join('\n')).not.toContain('words');
});
