import { tellSteps } from '../tell-steps.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { checkDeployment, report } from '../checks/check-deployment.ts';
import { PACKAGE_FOLDER, readTemplate } from '../checks/template.ts';
import { findAccount, readOutputs, surveyAccount } from './survey-account.ts';
import { checkStage, chooseRegion, readCommandLine, runMain, runProgram, Stop } from '../command-line.ts';
import { findExampleIds } from './find-example-ids.ts';
import { redriveRoleOf } from './redrive-role-of.ts';
import { readStagePolicy } from './read-stage-policy.ts';

const USAGE = `npm run deploy -- --stage NAME [options]

Checks, builds, packages, checks what was packaged, and deploys exactly that.

  --stage NAME    which one: lower-case letters and digits
  --region NAME   the AWS region (AWS_REGION, AWS_DEFAULT_REGION, eu-central-1)
  --alarm-email ADDRESS   who is told by the alarms
  --reserve yes|no        whether functions have concurrency of their own (by the account's limit)
  --skip-checks           for a pipeline that ran types, lint and tests already
`;

/** Deploys exactly what was checked: checks → build → package → template checks → deploy. */
async function deploy(): Promise<void> {
  const { values: flags } = readCommandLine({
    usage: USAGE,
    options: {
      stage: { type: 'string' },
      region: { type: 'string' },
      'alarm-email': { type: 'string' },
      reserve: { type: 'string' },
      // For a pipeline that ran them already. The checks of the template and the zips are never skipped.
      'skip-checks': { type: 'boolean', default: false },
    },
  });
  if (!['yes', 'no', undefined].includes(flags.reserve)) throw new Stop('--reserve must be yes or no.');
  const stage = checkStage(flags.stage);
  const region = chooseRegion(flags.region, process.env);
  const policy = readStagePolicy(stage);
  refuseExampleIds(policy, stage);
  const step = tellSteps();
  step('Asking AWS whose account this is, and what is in it');
  const { account, who } = await findAccount(region);
  const { reserve, createTable, createSecrets } = await surveyAccount(region, stage);
  console.log(`Deploying stage ${stage} to account ${account}, ${region}, as ${who}.`);
  tellSurvey(stage, { reserve, createTable, createSecrets });

  // Whoever deploys may bring dead letters back, unless another role is named for it.
  const redriveRole = process.env['PATROL_REDRIVE_ROLE'] ?? redriveRoleOf(who) ?? 'none';
  console.log(
    redriveRole === 'none'
      ? 'Nobody may bring dead letters back: deploy as a role, or name one in PATROL_REDRIVE_ROLE.'
      : `Dead letters are brought back by "npm run redrive", as ${redriveRole}.`,
  );
  const settings = {
    AWS_REGION: region,
    PATROL_RESERVE: flags.reserve ?? (reserve ? 'yes' : 'no'),
    PATROL_CREATE_TABLE: createTable ? 'yes' : 'no',
    PATROL_CREATE_SECRETS: createSecrets ? 'yes' : 'no',
    PATROL_REDRIVE_ROLE: redriveRole,
    ...(flags['alarm-email'] === undefined ? {} : { PATROL_ALARM_EMAIL: flags['alarm-email'] }),
    SLS_NOTIFICATIONS_MODE: 'off',
  };
  const osls = [process.execPath, ['node_modules/osls/bin/serverless.js']] as const;
  const target = ['--stage', stage, '--region', region, '--package', PACKAGE_FOLDER];

  if (!flags['skip-checks']) {
    step('Checking types');
    await runProgram('npm', ['run', '--silent', 'typecheck']);
    step('Checking style');
    await runProgram('npm', ['run', '--silent', 'lint']);
    step('Running the tests');
    await runProgram('npm', ['test']);
  }
  step('Building and packaging');
  await runProgram(process.execPath, ['infra/build.ts', '--stage', stage]);
  await runProgram(osls[0], [...osls[1], 'package', ...target], settings);
  const findings = await checkDeployment({ template: readTemplate(), stage, policy, dist: 'dist' });
  if (!report(findings, console.log)) throw new Stop('The checks above failed; nothing was deployed.');
  step('Deploying');
  await runProgram(osls[0], [...osls[1], 'deploy', ...target], settings);
  await printNextSteps(region, stage);
}

/** What is found in the account that the deploy goes by. */
function tellSurvey(
  stage: string,
  { reserve, createTable, createSecrets }: { reserve: boolean; createTable: boolean; createSecrets: boolean },
): void {
  if (!createTable) console.log(`The table patrol-${stage} is there from before; it is taken up again.`);
  if (!createSecrets) console.log(`The secrets patrol/${stage}/… are there from before; they are used as they are.`);
  if (!reserve)
    console.log('This account may run few Lambda functions at a time, so none is reserved (docs/scale.md).');
}

function refuseExampleIds(policy: Policy, stage: string): void {
  const examples = findExampleIds(policy);
  if (examples.length === 0) return;
  throw new Stop(
    [
      'The policy still names the people and channels of the local sandbox:',
      ...examples.map((line) => `    ${line}`),
      `Write your own into infra/policy.${stage}.yml (its top-level keys replace those of infra/policy.yml), then deploy again.`,
    ].join('\n'),
  );
}

async function printNextSteps(region: string, stage: string): Promise<void> {
  const outputs = (await readOutputs(region, stage)) ?? {};
  const flags = `-- --stage ${stage}${region === 'eu-central-1' ? '' : ` --region ${region}`}`;
  console.log(
    [
      '',
      `Slack request URL   ${outputs['SlackEventsUrl'] ?? '(not told)'}`,
      `Alerts URL          ${outputs['AlertsUrl'] ?? '(not told)'}/<source>`,
      `Alarm topic         ${outputs['AlarmTopicArn'] ?? '(not told)'}`,
      '',
      'Next:',
      `  1. npm run manifest ${flags}   makes the Slack app (the first time, or when a scope changed)`,
      `  2. npm run setup ${flags}      stores the Slack, provider and alert secrets`,
      `  3. npm run doctor ${flags}     checks all of it`,
    ].join('\n'),
  );
}

await runMain(deploy);
