import { relative } from 'node:path';
import * as z from 'zod';
import { defined } from '#shared/core/defined.ts';
import { GRADES, PROVIDER_NAMES, TOKEN_KINDS, VALIDITIES } from '#shared/core/vocabulary.ts';
import { PERSON_SOURCE } from '#shared/cases/pastes.ts';
import { explain } from '#shared/policy/explain.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { loadPolicy, policyFiles } from './policy.ts';
import { fieldProblems, readCommandLine, readJson, runMain, Stop } from './command-line.ts';

const USAGE = `npm run policy -- explain <report.json> [--policy FILE] [--stage NAME]

Prints what the policy would do about a leak without a human, and the rule or floor that decides. Changes nothing.
The report states what is known of the leak, e.g.

  { "source": "github", "provider": "${PROVIDER_NAMES[0]}", "grade": "strong", "publiclyLeaked": true }

  source          who reported it (required): one of the policy's alerts.sources, or ${PERSON_SOURCE} for /pat leak
  provider        ${PROVIDER_NAMES.join(', ')}
  grade           ${GRADES.join(', ')}; leave it out where no token matches
  validity        ${VALIDITIES.join(', ')}: what the issuer said of the secret; leave it out where it was not asked
  matches         how many tokens it may mean (1 with a grade, else 0)
  publiclyLeaked  true, false
  test            true for a scanner's test message
  profile, name   of the matched token
  kind            ${TOKEN_KINDS.join(', ')}
  detector        what the scanner calls it
  repository      where it was found
  reversible      false where the server can only delete (true)
`;

const reportSchema = z.object({
  source: z.string().min(1),
  provider: z.enum(PROVIDER_NAMES).optional(),
  grade: z.enum(GRADES).optional(),
  validity: z.enum(VALIDITIES).optional(),
  publiclyLeaked: z.boolean().optional(),
  test: z.boolean().optional(),
  profile: z.string().optional(),
  name: z.string().optional(),
  kind: z.enum(TOKEN_KINDS).optional(),
  detector: z.string().optional(),
  repository: z.string().optional(),
  reversible: z.boolean().default(true),
  matches: z.int().nonnegative().optional(),
});

function readReport(file: string): z.infer<typeof reportSchema> {
  const value = readJson(file);
  const parsed = reportSchema.safeParse(value);
  if (parsed.success) {
    const unused = Object.keys(z.record(z.string(), z.unknown()).parse(value)).filter(
      (name) => !Object.hasOwn(reportSchema.shape, name),
    );
    if (unused.length > 0) console.error(`The policy does not look at: ${unused.join(', ')}.`);
    return parsed.data;
  }
  throw new Stop(
    fieldProblems(parsed.error)
      .map((problem) => `${file}: ${problem}.`)
      .join('\n'),
  );
}

/** Why nothing of this source may ever arrive; `undefined` where it does. */
function unheard(source: string, policy: Policy): string | undefined {
  if (source === PERSON_SOURCE || policy.alerts.sources.includes(source)) return undefined;
  return `source ${source} is not in alerts.sources: its deliveries are answered with 404`;
}

await runMain(async () => {
  const { values, positionals } = readCommandLine({
    usage: USAGE,
    options: { policy: { type: 'string' }, stage: { type: 'string' } },
    words: 2,
  });
  const [command, file] = positionals;
  if (command !== 'explain' || file === undefined) throw new Stop(USAGE.trimEnd());
  const choice = defined({ file: values.policy, stage: values.stage });
  const policy = loadPolicy(choice);
  const report = readReport(file);
  const isNameless = report.provider === undefined && report.grade === undefined && report.source !== PERSON_SOURCE;
  const facts = { ...report, foreign: isNameless, matches: report.matches ?? (report.grade === undefined ? 0 : 1) };
  console.log(explain(policy, facts).lines.join('\n'));
  const problem = unheard(report.source, policy);
  if (problem !== undefined) console.log(`  (${problem})`);
  console.error(
    `This is what ${policyFiles(choice)
      .map((each) => relative(process.cwd(), each))
      .join(' over ')} says.`,
  );
});
