import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { defined } from '#shared/core/defined.ts';
import { GRADES, PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import { explain } from '#shared/policy/explain.ts';
import { loadPolicy } from './policy.ts';
import { runMain, Stop } from './setup/command-line.ts';

const USAGE = `npm run policy -- explain <report.json> [--policy FILE] [--stage NAME]

Prints what the policy would do about a leak without a human, and the rule or floor that decides. Changes nothing.
The report states what is known of the leak, e.g.

  { "source": "github", "provider": "dfns", "grade": "strong", "publiclyLeaked": true }

  source          who reported it (required)
  provider        ${PROVIDER_NAMES.join(', ')}
  grade           ${GRADES.join(', ')}; leave it out where no token matches
  matches         how many tokens it may mean (1 with a grade, else 0)
  publiclyLeaked  true, false
  test            true for a scanner's test message
  reversible      false where the server can only delete (true)
`;

const reportSchema = z.object({
  source: z.string().min(1),
  provider: z.enum(PROVIDER_NAMES).optional(),
  grade: z.enum(GRADES).optional(),
  publiclyLeaked: z.boolean().optional(),
  test: z.boolean().optional(),
  reversible: z.boolean().default(true),
  matches: z.int().nonnegative().optional(),
});

function readReport(file: string): z.infer<typeof reportSchema> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch {
    throw new Stop(`${file}: cannot be read as JSON.`);
  }
  const parsed = reportSchema.safeParse(value);
  if (parsed.success) {
    const unused = Object.keys(z.record(z.string(), z.unknown()).parse(value)).filter(
      (name) => !Object.hasOwn(reportSchema.shape, name),
    );
    if (unused.length > 0) console.error(`The policy does not look at: ${unused.join(', ')}.`);
    return parsed.data;
  }
  throw new Stop(parsed.error.issues.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`).join('\n'));
}

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { policy: { type: 'string' }, stage: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  const [command, file] = positionals;
  if (values.help || command !== 'explain' || file === undefined) throw new Stop(USAGE);
  const policy = loadPolicy({
    ...defined({ file: values.policy, stage: values.stage }),
  });
  const report = readReport(file);
  const facts = { ...report, matches: report.matches ?? (report.grade === undefined ? 0 : 1) };
  const isOn = policy.alerts.sources.includes(report.source);
  console.log(explain(policy, facts).lines.join('\n'));
  if (!isOn) console.log(`  (source ${report.source} is not in alerts.sources: its deliveries are answered with 404)`);
});
