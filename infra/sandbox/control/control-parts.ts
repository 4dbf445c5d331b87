import type { Queues } from '../aws/queues.ts';
import type { Table } from '../aws/table.ts';
import type { GithubStandIn } from '../github/github.ts';
import type { FaultSwitch, StandIn } from '../kit/stand-in.ts';
import type { Cloud } from '../lambda/cloud.ts';
import type { Deployment } from '../lambda/deployment.ts';
import type { ProviderStandIns } from '../providers/start-providers.ts';
import type { SlackPerson } from '../slack/person.ts';
import type { SlackStandIn } from '../slack/slack.ts';
import type { Call } from './call.ts';
import type { FaultTarget } from './fault-targets.ts';

/** What the control calls steer. */
export interface ControlParts {
  readonly providers: ProviderStandIns;
  readonly slack: SlackStandIn;
  readonly github: GithubStandIn;
  readonly secrets: StandIn;
  readonly queues: Queues;
  readonly table: Table;
  readonly cloud: Cloud;
  readonly deployment: Deployment;
  readonly person: SlackPerson;
  /** Which functions were killed where they were told to be, oldest first. */
  readonly crashes: { readonly function: string; readonly at: string }[];
  /** Which fault is set where. */
  readonly faults: Map<FaultTarget, FaultSwitch>;
  /** Sends the genuine signed alert of a source for a token. */
  leak(tokenId: string, source: string): Promise<unknown>;
  pageState(): Promise<unknown>;
  reset(): Promise<void>;
}

/** `METHOD name` → answer: a value that is sent as JSON, or a whole `ControlAnswer`. */
export type Routes = Readonly<Record<string, (call: Call) => unknown>>;
