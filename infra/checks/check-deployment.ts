import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defined } from '#shared/core/defined.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { buildFunctions, policyFor } from '../build.ts';
import { readCommandLine, runMain } from '../command-line.ts';
import { loadPolicy } from '../policy.ts';
import { checkRights } from './check-rights.ts';
import { checkTemplate } from './check-template.ts';
import { checkZips, compareZips } from './check-zips.ts';
import { checkAgainstServiceSpec } from './check-against-service-spec.ts';
import { PACKAGE_FOLDER, readTemplate, type Template } from './template.ts';

interface Subject {
  readonly template: Template;
  readonly stage: string;
  readonly policy: Policy;
  /** Folder with the built zips. */
  readonly dist: string;
  /** Folder of the sources that the zips were built from, where it is not functions/. */
  readonly functions?: string;
}

/** One named check and the problems that it found; none means passed. */
export interface Finding {
  readonly check: string;
  readonly problems: readonly string[];
}

/** Runs every check that needs no account on what would be deployed. */
export async function checkDeployment(subject: Subject): Promise<readonly Finding[]> {
  const { template, stage, policy, dist } = subject;
  return [
    { check: "template against AWS's resource specification", problems: checkAgainstServiceSpec(template) },
    {
      check: 'rights of every function against the written list',
      problems: checkRights(template, { stage, snsTopics: policy.alerts.snsTopics }),
    },
    {
      check: 'retention, encryption, redrive, time-outs, throttling, alarms, no secret',
      problems: checkTemplate(template),
    },
    {
      check: 'zips: handler, arguments, size',
      problems: await checkZips(template, (name) => join(dist, `${name}.zip`)),
    },
    { check: 'zips: the same bytes from a second build', problems: await checkReproducible(subject) },
    { check: 'zips: the policy of this stage inside', problems: checkPolicyInside(policy, dist) },
  ];
}

async function checkReproducible({ policy, dist, functions }: Subject): Promise<readonly string[]> {
  const again = mkdtempSync(join(tmpdir(), 'patrol-build-'));
  try {
    const built = await buildFunctions({ policy, out: again, ...defined({ functions }) });
    return compareZips(
      built.map(({ name }) => name),
      dist,
      again,
    );
  } finally {
    rmSync(again, { recursive: true, force: true });
  }
}

function checkPolicyInside(policy: Policy, dist: string): readonly string[] {
  return ['alert-edge', 'slack-worker', 'alert-worker', 'hygiene']
    .filter((name) => {
      const inside: unknown = JSON.parse(readFileSync(join(dist, name, 'policy.json'), 'utf8'));
      return JSON.stringify(inside) !== JSON.stringify(policyFor(name, policy));
    })
    .map((name) => `${name}: carries another policy than infra/policy.yml gives for this stage; build again`);
}

/** Prints each finding; true when all passed. */
export function report(findings: readonly Finding[], print: (line: string) => void): boolean {
  for (const { check, problems } of findings) {
    print(`${problems.length === 0 ? '✔' : '✖'} ${check}`);
    for (const problem of problems) print(`    ${problem}`);
  }
  return findings.every(({ problems }) => problems.length === 0);
}

const USAGE = `npm run check:template -- [options]

Checks what "npm run build" and "npm run package" have made, without an account.

  --stage NAME       whose policy must be inside (dev)
  --package FOLDER   where the package lies (${PACKAGE_FOLDER})
`;

async function main(): Promise<void> {
  const { values } = readCommandLine({
    usage: USAGE,
    options: { stage: { type: 'string', default: 'dev' }, package: { type: 'string', default: PACKAGE_FOLDER } },
  });
  const findings = await checkDeployment({
    template: readTemplate(values.package),
    stage: values.stage,
    policy: loadPolicy({ stage: values.stage }),
    dist: 'dist',
  });
  if (!report(findings, console.log)) process.exitCode = 1;
}

if (import.meta.main) await runMain(main);
