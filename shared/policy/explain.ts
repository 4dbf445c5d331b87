import { decideLeak, floorsUnder, type LeakDecision, type LeakFacts, misfits } from './decide-leak.ts';
import type { Policy } from './policy.ts';

/** How a decision came about, for a dry run. */
export interface Explanation {
  readonly decision: LeakDecision;
  /** Every rule in order, with what kept it from fitting; the first with nothing decides. */
  readonly rules: readonly { readonly name: string; readonly then: string; readonly misfits: readonly string[] }[];
  /** Names of the floors that hold for these facts, whether or not one had to hold something back. */
  readonly floors: readonly string[];
  /** The same as lines for a terminal; the first line is the decision. */
  readonly lines: readonly string[];
}

/** Explains what the policy makes of a leak, and which rule or floor made it so. Changes and asks nothing. */
export function explain(policy: Policy, facts: LeakFacts): Explanation {
  const decision = decideLeak(policy, facts);
  const rules = policy.alerts.rules.map((rule) => ({
    name: rule.name,
    then: rule.then,
    misfits: misfits(rule, facts),
  }));
  const floors = floorsUnder(policy, facts).map((floor) => ({
    name: floor.name,
    words: `${floor.name}: ${floor.because}`,
  }));
  const lines = [
    `${decision.action}, by ${decision.rule}. ${decision.because}`,
    ...rules.map(({ name, then, misfits: why }) =>
      why.length === 0 ? `  rule ${name}: fits (${then})` : `  rule ${name}: does not fit, ${why.join('; ')}`,
    ),
    ...floors.map(({ words }) => `  ${words}`),
  ];
  return { decision, rules, floors: floors.map(({ name }) => name), lines };
}
