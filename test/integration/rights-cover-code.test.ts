import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFunctions } from '#infra/build.ts';
import { RIGHTS } from '#infra/checks/rights.ts';
import { loadPolicy } from '#infra/policy.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** What a call in the code needs, by the way it is written. */
const CALLS: readonly (readonly [RegExp, string])[] = [
  [/new (Get|BatchGet|Put|Update|Delete)Command\(/g, 'dynamodb:$1Item'],
  [/new (Query|Scan)Command\(/g, 'dynamodb:$1'],
  [/new (GetSecretValue|ListSecrets|PutSecretValue|CreateSecret|DescribeSecret)Command\(/g, 'secretsmanager:$1'],
  [/new (BatchGetSecretValue)Command\(/g, 'secretsmanager:$1'],
  // Each secret of a batch needs the right to read that one.
  [/new Batch(GetSecretValue)Command\(/g, 'secretsmanager:$1'],
  [/'secretsmanager\.(\w+)'/g, 'secretsmanager:$1'],
  [/'AmazonSQS\.(SendMessage|ChangeMessageVisibility|DeleteMessage|ReceiveMessage)(?:Batch)?'/g, 'sqs:$1'],
  [/Action: '(ConfirmSubscription|Publish)'/g, 'sns:$1'],
];
/** What AWS itself does with the function's role. */
const BY_AWS = /^(?:logs|xray):|^sqs:(?:ReceiveMessage|DeleteMessage|GetQueueAttributes)$/;

describe('the written rights', () => {
  const out = mkdtempSync(join(tmpdir(), 'patrol-rights-'));
  let inputs: Readonly<Record<string, readonly string[]>>;

  beforeAll(async () => {
    await buildFunctions({ out, policy: loadPolicy() });
    const { outputs } = JSON.parse(readFileSync(join(out, 'meta.json'), 'utf8')) as Metafile;
    inputs = Object.fromEntries(
      Object.values(outputs).flatMap((output) => {
        const name = /^functions\/(.+)\.ts$/.exec(output.entryPoint ?? '')?.[1];
        return name === undefined
          ? []
          : [[name, Object.keys(output.inputs).filter((file) => /^(?:functions|shared)\//.test(file))]];
      }),
    );
  }, 60_000);
  afterAll(() => {
    rmSync(out, { recursive: true, force: true });
  });

  it.each(Object.keys(RIGHTS))(
    'of %s cover every AWS call in its code, and nothing that its code never does',
    (name) => {
      const code = (inputs[name] ?? []).map((file) => readFileSync(join(PROJECT, file), 'utf8')).join('\n');
      const called = CALLS.flatMap(([pattern, action]) =>
        [...code.matchAll(pattern)].map(([, part = '']) => action.replace('$1', part)),
      );
      const needed = new Set(called);
      const given = new Set(
        (RIGHTS[name] ?? [])
          .flatMap(({ may }) => may)
          .filter((action) => !BY_AWS.test(action) || called.includes(action)),
      );
      expect(called.length).toBeGreaterThan(0);
      expect([...given].toSorted()).toEqual([...needed].toSorted());
    },
  );
});
