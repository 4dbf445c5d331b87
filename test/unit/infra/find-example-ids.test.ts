import { describe, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { findExampleIds } from '#infra/setup/find-example-ids.ts';

describe('findExampleIds', () => {
  it('finds every person, group, channel, team and topic of the sandbox in the project’s own policy', () => {
    const found = findExampleIds(loadPolicy()).join('\n');
    for (const id of [
      'T0SANDBOX01',
      'C0SECURITY1',
      'U0ADMIN0001',
      'U0OPERATOR1',
      'S0ONCALL001',
      'U0APPROVER1',
      'U0VIEWER001',
    ]) {
      expect(found).toContain(id);
    }
    expect(found).toContain('alerts.snsTopics: arn:aws:sns:');
  });

  it('leaves a policy with real ids alone', () => {
    const policy = JSON.parse(
      JSON.stringify(loadPolicy())
        .replaceAll(/([TCUS]0)(?:[A-Z]+\d+)/g, '$1123456789')
        .replaceAll(':000000000000:', ':123456789012:'),
    ) as ReturnType<typeof loadPolicy>;
    expect(findExampleIds(policy)).toEqual([]);
  });
});
