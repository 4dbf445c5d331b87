import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Families of one subject, none of them the main one. Each is named for that subject. */
const FAMILIES = new Set([
  'shared/core/vocabulary.ts', // the words that every room shares
  'shared/jobs/job.ts', // the contracts of both queues
  'shared/jobs/pauses.ts', // how long a job waits between two tries
  'shared/slack/blocks/bricks.ts', // Block Kit's elements
  'shared/slack/blocks/case-words.ts', // the sentences of a case card
  'shared/slack/blocks/modals.ts', // the windows that we open
  'shared/slack/blocks/press.ts', // what a button carries, to and fro
  'shared/slack/blocks/text.ts', // escaping, clipping, counting
  'shared/slack/blocks/time.ts', // instants and durations in words
  'shared/slack/blocks/token.ts', // what is told about a token
  'shared/slack/blocks/words.ts', // verbs and states in words
  'shared/slack/grammar/durations.ts', // hours, days
  'shared/slack/grammar/read-verbs.ts', // the verbs that only read
  'shared/slack/payload.ts', // what is kept of each of Slack's payloads
  'shared/store/dynamo/keys.ts', // the keys of every item
  'functions/runtime/watchdog-thread.ts', // the program of a thread: it exports nothing
]);

const kebab = (name: string) =>
  name
    .replaceAll('_', '-')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
const singular = (name: string) => name.replace(/s$/, '');

/** Whether a file carries the name of one of its exports, without `create` or `on` before it. */
function isNamedForAnExport(file: string): boolean {
  const exported = readFileSync(file, 'utf8').matchAll(
    /^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm,
  );
  const names = [...exported].map(([, name = '']) => kebab(name));
  const own = basename(file, '.ts');
  return names.some((name) => [own, `create-${own}`, `on-${own}`].includes(name) || singular(name) === singular(own));
}

describe('a file', () => {
  /** A file of functions/ is named for the Lambda whose handler it exports. */
  const files = globSync(['shared/**/*.ts', 'functions/runtime/**/*.ts']);

  it('carries the name of its main export', () => {
    expect(files.length).toBeGreaterThan(250);
    expect(files.filter((file) => !FAMILIES.has(file) && !isNamedForAnExport(file))).toEqual([]);
  });

  it('is an exception only while it has to be', () => {
    expect([...FAMILIES].filter((file) => !files.includes(file) || isNamedForAnExport(file))).toEqual([]);
  });
});
