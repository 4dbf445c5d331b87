/** What can be made to misbehave. */
export const FAULT_TARGETS = ['dfns', 'langsmith', 'slack', 'github', 'sqs', 'dynamodb', 'secrets'] as const;
/** One of them. */
export type FaultTarget = (typeof FAULT_TARGETS)[number];

const EVERYWHERE = ['none', 'down', 'slow', 'hang', '401', '429', '500', 'html'] as const;
/** Every mode of any target. */
export const MODES = [...EVERYWHERE, '202', 'no-revocation'] as const;

/** Which modes make sense for a target. */
export function modesOf(target: FaultTarget): readonly string[] {
  if (target === 'dfns') return [...EVERYWHERE, '202'];
  return target === 'langsmith' ? [...EVERYWHERE, '202', 'no-revocation'] : EVERYWHERE;
}
