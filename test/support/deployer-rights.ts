import { globSync, readFileSync } from 'node:fs';
import * as z from 'zod';

const many = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string(),
      Effect: z.literal('Allow'),
      Action: many,
      Resource: many,
      Condition: z.record(z.string(), z.record(z.string(), z.string())).optional(),
    }),
  ),
});

/** The IAM policy that docs/deploy.md has a reader paste. */
export function readDeployerPolicy(): z.infer<typeof policySchema> {
  const blocks = [...readFileSync('docs/deploy.md', 'utf8').matchAll(/^```json\n([^]*?)^```$/gm)];
  const text = blocks.map(([, json = '']) => json).find((json) => json.includes('"Statement"'));
  return policySchema.parse(JSON.parse(text ?? '{}'));
}

/** Whether a pattern of IAM, with its wildcards, fits a text. */
const fits = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(text);

/** Which statements of a policy allow one action on one resource. */
export function allowing(
  { Statement }: z.infer<typeof policySchema>,
  action: string,
  resource: string,
): readonly string[] {
  return Statement.filter(
    ({ Action, Resource }) => Action.some((one) => fits(one, action)) && Resource.some((one) => fits(one, resource)),
  ).map(({ Sid }) => Sid);
}

const SERVICES: Readonly<Record<string, string>> = {
  'client-cloudformation': 'cloudformation',
  'client-cloudwatch-logs': 'logs',
  'client-dynamodb': 'dynamodb',
  'client-lambda': 'lambda',
  'client-secrets-manager': 'secretsmanager',
  'client-sqs': 'sqs',
  'client-sts': 'sts',
};
/** Calls whose right has another name. */
const RENAMED: Readonly<Record<string, string>> = { 'lambda:Invoke': 'lambda:InvokeFunction' };

/** Every action that the scripts of infra/setup call AWS for by themselves, as IAM names it. */
export function actionsOfScripts(): readonly string[] {
  const actions = globSync('infra/setup/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/import \{([^}]*)\} from '@aws-sdk\/([\w-]+)'/g)].flatMap(
      ([, names = '', client = '']) =>
        [...names.matchAll(/\b(?:(\w+)Command\b|paginate(\w+))/g)].map(
          ([, command, pages]) => `${SERVICES[client] ?? client}:${command ?? pages ?? ''}`,
        ),
    ),
  );
  return [...new Set(actions.map((action) => RENAMED[action] ?? action))];
}
