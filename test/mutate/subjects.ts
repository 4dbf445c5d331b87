/** What is mutated under one name, and the tests that must notice. */
interface Subject {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

const STORE_TESTS = ['test/contract/store.simulated.test.ts', 'test/unit/store/**/*.test.ts'];

/** The code that a wrong line of would kill the wrong token, or let somebody in, each with the quick tests that hold it. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  verify: {
    mutate: [
      'shared/core/{hmac-sha256,fresh-timestamp}.ts',
      'shared/slack/verify-slack-request.ts',
      'shared/alerts/verify/*.ts',
    ],
    tests: [
      'test/unit/core/{hmac-sha256,fresh-timestamp}.test.ts',
      'test/unit/slack/verify-slack-request.test.ts',
      'test/{unit,integration}/alerts/verify/*.test.ts',
    ],
  },
  seal: {
    mutate: [
      'shared/core/secret.ts',
      'shared/slack/seal-payload.ts',
      'shared/alerts/{seal-delivery,receive-alert}.ts',
      'shared/providers/text/scrub.ts',
    ],
    tests: [
      'test/unit/core/secret.test.ts',
      'test/unit/slack/seal-payload.test.ts',
      'test/unit/alerts/{disguises,large-report,receive-alert,seal-delivery}.test.ts',
      'test/unit/providers/text/*.test.ts',
    ],
  },
  recognise: {
    mutate: ['shared/providers/recognise.ts', 'shared/providers/*/{clue,recogniser}.ts'],
    tests: [
      'test/unit/providers/**/*.test.ts',
      'test/unit/alerts/{disguises,find-once}.test.ts',
      'test/contract/providers.vectors.test.ts',
    ],
  },
  decide: {
    mutate: ['shared/policy/{decide-leak,may,protected-by,roles}.ts'],
    tests: ['test/unit/policy/{decide-leak,may,protected-by,rights}.test.ts'],
  },
  sign: {
    mutate: ['shared/providers/dfns/sign-challenge.ts', 'shared/jobs/sign-job.ts', 'shared/slack/encrypt-values.ts'],
    tests: [
      'test/unit/providers/dfns/*.test.ts',
      'test/unit/jobs/*.test.ts',
      'test/unit/slack/{encrypt-values,buttons}.test.ts',
      'test/unit/functions/runtime/queue-worker.test.ts',
    ],
  },
  remember: {
    mutate: ['shared/store/dynamo/{remember,job-runs,condition,packed,put-along}.ts'],
    tests: STORE_TESTS,
  },
  hold: {
    mutate: ['shared/store/dynamo/{hold,lease}.ts'],
    tests: STORE_TESTS,
  },
  order: {
    mutate: ['shared/tokens/{take-order,place-order,read-order,resume-order,carry-out,warrant}.ts'],
    tests: [
      'test/unit/tokens/!(preview-holds).test.ts',
      'test/integration/{bulk-tokens,change-tokens}.test.ts',
      'test/unit/slack/held-press.test.ts',
      'test/unit/cases/{begun-press,press-as-owner}.test.ts',
    ],
  },
  approvals: {
    mutate: ['shared/policy/approval-rule.ts', 'shared/tokens/{ask-others,resolve-approval,review-votes}.ts'],
    tests: [
      'test/unit/policy/approval-rule.test.ts',
      'test/unit/tokens/!(preview-holds).test.ts',
      'test/unit/cases/{approved-order,levers-for}.test.ts',
      'test/unit/slack/{approval-messenger,waiting-request}.test.ts',
      'test/integration/{bulk-tokens,change-tokens}.test.ts',
    ],
  },
};
