import type { Policy } from '#shared/policy/policy.ts';

/** The ids of the local sandbox, which infra/policy.yml carries as its examples. */
const EXAMPLES =
  /^(?:T0SANDBOX01|C0SECURITY1|C0GENERAL01|U0(?:ADMIN0001|OPERATOR1|APPROVER1|VIEWER001|OUTSIDER1)|S0ONCALL001|arn:aws:sns:[^:]*:000000000000:.*)$/;

/** Lists where a policy still has the sandbox's ids, as `roles.admin.users: U0ADMIN0001`. */
export function findExampleIds(policy: Policy): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'string' && EXAMPLES.test(value)) found.push(`${path}: ${value}`);
    else if (Array.isArray(value)) for (const item of value) walk(item, path);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) walk(item, path === '' ? key : `${path}.${key}`);
    }
  };
  walk(policy, '');
  return found;
}
