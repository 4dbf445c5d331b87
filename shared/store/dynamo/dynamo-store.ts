import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isOpenApproval, isOpenCase } from '../is-open-case.ts';
import { type Keep, shorten } from '../shorten.ts';
import type { Approval, AuditEntry, Case, Store } from '../store.ts';
import { createAuditLog } from './audit-log.ts';
import { createHold, createKept } from './hold.ts';
import { createItems } from './items.ts';
import type { Every, LeaseTimes } from './lease.ts';
import { createNotes } from './notes.ts';
import { createRecords } from './records.ts';
import { createProgressOf, createRemember } from './remember.ts';

/** Everything the store is made of. */
export interface DynamoStoreDeps {
  readonly client: DynamoDBDocumentClient;
  /** Name of a table with the keys of `table.ts`. */
  readonly table: string;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A fresh id that nobody else makes. */
  readonly newId: () => string;
  readonly every: Every;
  /** The request that is being worked on, which the record names. */
  readonly requestId?: () => string | undefined;
  /** Told of every entry of the record as it is stored; see the record. */
  readonly recorded?: (entry: AuditEntry, isNew: boolean) => void;
  /** Shorter times for tests. */
  readonly lease?: LeaseTimes;
}

/**
 * The store on one DynamoDB table, by conditional writes only. Needs GetItem, BatchGetItem, PutItem, UpdateItem,
 * DeleteItem and Query on the table, and Query on its index.
 */
export function createDynamoStore({ client, table, ...rim }: DynamoStoreDeps): Store {
  const deps = { items: createItems({ client, table, ...rim }), ...rim };
  return {
    remember: createRemember(deps),
    progressOf: createProgressOf(deps),
    hold: createHold(deps),
    kept: createKept(deps),
    audit: createAuditLog(deps),
    approvals: createRecords<Approval>({
      ...deps,
      kind: 'approval',
      isOpen: isOpenApproval,
      startedAt: ({ order }) => order.requestedAt,
    }),
    cases: createRecords<Case>({
      ...deps,
      kind: 'case',
      isOpen: isOpenCase,
      startedAt: ({ openedAt }) => openedAt,
      shorter: [shortCase({ characters: 200, items: 20 }), shortCase({ characters: 100, items: 3 })],
      keptDays: 400,
    }),
    notes: createNotes(deps),
  };
}

/** A leak is never dropped because too much was said of it: what does not fit is cut, and the case says so. */
function shortCase(keep: Keep): (kase: Case) => Case {
  return (kase) => ({ ...shorten(kase, keep), isShortened: true });
}
