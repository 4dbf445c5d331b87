import { describe, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { readOpenDoors } from '#shared/policy/read-open-doors.ts';

describe('readOpenDoors', () => {
  it('reads the same sources and topics as the whole policy has, after it went through the zip as JSON', () => {
    const policy = loadPolicy();
    const { sources, snsTopics } = policy.alerts;
    expect(readOpenDoors(JSON.parse(JSON.stringify(policy)))).toEqual({
      sources,
      snsTopics,
      issuers: { dfns: ['https://api.dfns.io'], langsmith: ['https://api.smith.langchain.com'] },
    });
  });

  it.each([undefined, null, {}, { alerts: {} }, { alerts: { sources: 'github', snsTopics: [] } }])(
    'refuses %j instead of opening or closing everything',
    (policy) => {
      expect(() => readOpenDoors(policy)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    },
  );
});
