import fc from 'fast-check';
import { foreignText, iso, profile } from './text.ts';
import { actor, mutation, ref, answer } from './token.ts';
import { changed, notFound, failed, answered, unconfirmed, refused, change } from './change.ts';

/** What becomes of a change. */
export const changeOutcomes = {
  changed,
  not_found: notFound,
  unsupported: answered('unsupported'),
  waiting_on_provider: answered('waiting_on_provider'),
  unconfirmed,
  refused,
  failed,
  bulk: fc
    .record(
      {
        kind: fc.constant('bulk'),
        verb: mutation,
        state: fc.constantFrom('running', 'done', 'stopped', 'given_up'),
        total: fc.constant(0),
        changes: fc.array(change, { maxLength: 120, size: 'medium' }),
        left: fc.array(ref, { maxLength: 120, size: 'medium' }),
        requester: actor,
        approvedBy: fc.array(actor, { maxLength: 3 }),
        reason: foreignText,
        startedAt: iso,
        at: iso,
      },
      {
        requiredKeys: [
          'kind',
          'verb',
          'state',
          'total',
          'changes',
          'left',
          'requester',
          'approvedBy',
          'startedAt',
          'at',
        ],
      },
    )
    .map((bulk) => ({ ...bulk, total: bulk.changes.length + bulk.left.length })),
  lever: fc.record({
    kind: fc.constant('lever'),
    leverId: foreignText,
    result: fc.constantFrom('done', 'unproved', 'lost', 'pending', 'refused', 'unsupported', 'not_found'),
    answer,
    profile,
  }),
  working: fc.record({ kind: fc.constant('working'), asked: fc.array(foreignText, { maxLength: 5 }) }),
};
