import fc from 'fast-check';
import { foreignText, profile, count } from './text.ts';
import { mutation, verb } from './token.ts';
import { trouble } from './trouble.ts';

/** The rest. */
export const otherOutcomes = {
  help: fc.record(
    {
      kind: fc.constant('help'),
      topic: fc.oneof(foreignText, fc.constantFrom('list', 'undo', 'doctor', '__proto__', 'toString')),
      verbs: fc.uniqueArray(verb),
      examples: fc.record({ profile, token: foreignText }, { requiredKeys: [] }),
    },
    { requiredKeys: ['kind', 'verbs', 'examples'] },
  ),
  trouble: fc.record(
    {
      kind: fc.constant('trouble'),
      verb: fc.option(verb, { nil: undefined }),
      trouble,
      asked: fc.array(foreignText, { maxLength: 4 }),
    },
    { requiredKeys: ['kind', 'verb', 'trouble'] },
  ),
  misunderstood: fc.record(
    { kind: fc.constant('misunderstood'), problem: foreignText, suggestion: foreignText, topic: fc.constant('list') },
    { requiredKeys: ['kind', 'problem'] },
  ),
  tried_now: fc.record({ kind: fc.constant('tried_now'), verb: mutation, trouble }, { requiredKeys: ['kind', 'verb'] }),
  version: fc.record({ kind: fc.constant('version'), version: foreignText }),
  no_window: fc.constant({ kind: 'no_window' }),
  leak_received: fc.record({ kind: fc.constant('leak_received'), recognised: count, unrecognised: count }),
};
