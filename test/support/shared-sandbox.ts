import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BUILT_ONCE, policyFile, startTestSandbox, type TestSandbox, widePolicy } from './sandbox.ts';

type Edits = readonly (readonly [from: string, to: string])[];

/** The project's own policy with these changes. */
function changed(edits: Edits): (policy: string) => string {
  return (policy) =>
    edits.reduce((text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`infra/policy.yml does not say any more: ${from}`);
      return text.replace(from, to);
    }, policy);
}

/** Others than the admin, who asks, may agree to a lever. */
const THREE_FOR_LEVERS: Edits = [
  [
    'verbs: [lever]\n    approvers: 1\n    by: [approver,',
    'verbs: [lever]\n    approvers: 1\n    by: [approver, operator,',
  ],
];

/** Limits that a handful of requests reaches, two who agree to any deletion, and an operator who sees one of the two profiles. */
const TIGHT: Edits = [
  ['flood: { cards: 10', 'flood: { cards: 3'],
  ['fromTokens: 25', 'fromTokens: 3'],
  [
    'verbs: [delete]\n    approvers: 1\n    by: [approver, admin]',
    'verbs: [delete]\n    approvers: 2\n    by: [approver, admin, viewer]',
  ],
  ['    except: [admin]', ''],
  ['audit, profiles, stats] }\n  approver:', 'audit, profiles, stats], profiles: [langsmith-demo] }\n  approver:'],
  // Whose requests nobody counts but the row that pastes: elsewhere they only approve.
  [
    'users: [U0APPROVER1]\n    may:\n      - { verbs: [list,',
    'users: [U0APPROVER1]\n    may:\n      - { verbs: [deactivate, list,',
  ],
];

const OWN = new URL('../../infra/policy.yml', import.meta.url);
const POLICIES = {
  /** The project's own policy, but for the brake. */
  wide: () => widePolicy(changed(THREE_FOR_LEVERS)),
  tight: () => policyFile(changed(TIGHT)(readFileSync(OWN, 'utf8'))),
} as const;

const running = new Map<keyof typeof POLICIES, Promise<TestSandbox>>();

/**
 * Gives the one running sandbox of this policy to all files that a worker runs one after the other: none of them may
 * move its clock, turn its secrets or restart its functions. It ends when the whole run does.
 */
export function sharedSandbox(policy: keyof typeof POLICIES = 'wide'): Promise<TestSandbox> {
  const known = running.get(policy);
  if (known !== undefined) return known;
  const started = startTestSandbox(['--no-page', '--policy', POLICIES[policy]()]).then((sandbox) => {
    writeFileSync(join(dirname(process.env[BUILT_ONCE] ?? ''), `${String(sandbox.pid)}.pid`), '');
    return sandbox;
  });
  running.set(policy, started);
  return started;
}
