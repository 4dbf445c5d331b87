/** What the sandbox tells its page (`GET /sandbox/page/state`); the server's side is `infra/sandbox/control/page-state.ts`. */
export interface PageState {
  readonly users: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly { readonly id: string; readonly name: string }[];
  /** User groups, by what stands after their @. */
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  /** Conversations with the app: each belongs to one person. */
  readonly directMessages: readonly { readonly id: string; readonly with: string }[];
  readonly botUserId: string;
  readonly messages: readonly Message[];
  readonly views: readonly OpenView[];
  readonly tokens: readonly Token[];
  readonly profiles: readonly { readonly name: string; readonly provider: string }[];
  /** When the policy calls a token stale. */
  readonly thresholds: { readonly staleDays: number; readonly unusedDays: number };
  readonly sources: readonly string[];
  readonly functions: readonly string[];
  /** Fault modes per target, and which one is set. */
  readonly faults: readonly { readonly target: string; readonly modes: readonly string[]; readonly mode: string }[];
  readonly queued: number;
  readonly dead: number;
  readonly clockOffsetSeconds: number;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  /** A reply that is shown in the channel as well. */
  readonly isBroadcast?: boolean;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly ephemeralTo?: string;
  readonly editedAt?: string;
  readonly deleted?: boolean;
}

/** Any Block Kit block or element: foreign, so every field is looked at before it is used. */
export type Block = Readonly<Record<string, any>>;

export interface OpenView {
  readonly id: string;
  readonly userId: string;
  readonly type: 'modal' | 'home';
  readonly callbackId: string;
  readonly hash: string;
  readonly view: Block;
}

export interface Token {
  readonly provider: string;
  readonly profile: string;
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly state: 'active' | 'inactive' | 'deleted';
  readonly shortKey?: string;
  readonly createdAt: string;
  /** Only where the provider knows it. */
  readonly lastUsedAt?: string;
}

/** What came back for a request that the sandbox signed and sent. */
export interface Sent {
  readonly status: number;
  readonly body: unknown;
  readonly milliseconds: number;
}

/** Slack's own words for an app that does not answer as it should, or nothing. */
export function slackComplaint({ status, milliseconds }: Sent): string | undefined {
  if (status >= 300) return `Patrol answered HTTP ${status}; Slack would show "dispatch_failed".`;
  return milliseconds > 3000 ? 'Patrol took more than 3 s; Slack would show "operation_timeout".' : undefined;
}

/** Calls one of the sandbox's own addresses. Rejects with its error text for anything but a 2xx. */
export async function call<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/sandbox/${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  });
  const answer = (await response.json()) as T & { readonly error?: string };
  if (!response.ok) throw new Error(answer.error ?? `HTTP ${response.status}`);
  return answer;
}
