import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isNamedForAnExport } from '#infra/checks/is-named-for-an-export.ts';

/** Families of one subject, none of them the main one. Each is named for that subject. */
const FAMILIES = new Set([
  'shared/core/vocabulary.ts', // the words that every room shares
  'shared/jobs/job.ts', // the contracts of both queues
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
  'infra/bundle-plugins.ts', // what is done to a bundle
  'infra/command-line.ts', // flags, files and troubles of every script
  'infra/policy.ts', // the policy's files
  'infra/screenshot-scenes.ts', // what is photographed
  'infra/setup/examine-deployment.ts', // endpoints, addresses, queues
  'infra/sandbox/slack/protocol.ts', // the Web API's answers
  'infra/sandbox/slack/sign.ts', // whatever Slack signs
  'infra/sandbox/slack/block-check/block-elements.ts', // Block Kit's elements
  'infra/sandbox/slack/block-check/block-rules.ts', // what a field may be
  'infra/sandbox/secrets/protocol.ts', // the API's answers
  'infra/sandbox/providers/dfns/keys.ts', // ids, tokens, key pairs
  'infra/sandbox/page/main.tsx', // the program of the page
  'infra/sandbox/lambda/preload.ts', // the program before a function: it exports nothing
]);

/** A program is named for its command, a row of the table of senders for its source, and the answers of a provider's API for what they are. */
const commands = readFileSync('package.json', 'utf8');
const isNamedElsewhere = (file: string) =>
  commands.includes(`node ${file}`) || /^infra\/sandbox\/(?:senders\/by-source|providers\/[^/]+\/wire\.ts)/.test(file);

/** Every exported name, with the files that export it. A provider's folder may call its own things by the same words as another. */
function exportedNames(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const file of globSync('shared/**/*.ts').filter((each) => !/^shared\/providers\/[^/]+\//.test(each))) {
    const exported = readFileSync(file, 'utf8').matchAll(
      /^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm,
    );
    for (const [, name = ''] of exported) found.set(name, [...(found.get(name) ?? []), file]);
  }
  return found;
}

const isNamed = (file: string) => isNamedForAnExport(file, readFileSync(file, 'utf8'));

describe('a file', () => {
  /** A file of functions/ is named for the Lambda whose handler it exports. */
  const files = globSync(['shared/**/*.ts', 'functions/runtime/**/*.ts', 'infra/**/*.{ts,tsx}']).filter(
    (file) => !file.endsWith('.d.ts') && !isNamedElsewhere(file),
  );

  it('carries the name of its main export', () => {
    expect(files.length).toBeGreaterThan(600);
    expect(files.filter((file) => !FAMILIES.has(file) && !isNamed(file))).toEqual([]);
  });

  it('is an exception only while it has to be', () => {
    expect([...FAMILIES].filter((file) => !files.includes(file) || isNamed(file))).toEqual([]);
  });
});

describe('an exported name', () => {
  it('means one thing', () => {
    const names = exportedNames();
    expect(names.size).toBeGreaterThan(700);
    expect([...names].filter(([, files]) => files.length > 1)).toEqual([]);
  });
});
