import * as z from 'zod';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import type { Queues } from '../aws/queues.ts';
import type { Table } from '../aws/table.ts';
import { BadCall, type Call, parseJson } from './call.ts';
import { readTraces } from './page-trace.ts';
import { FAULT_TARGETS, type FaultTarget, MODES, modesOf } from './fault-modes.ts';
import type { ControlAnswer } from './front.ts';
import type { Cloud } from '../lambda/cloud.ts';
import type { Deployment } from '../lambda/deployment.ts';
import type { Invocation } from '../lambda/instance.ts';
import { PERSON_ACTIONS } from '../slack/person-actions.ts';
import type { SlackPerson } from '../slack/person.ts';
import type { GithubStandIn } from '../github/github.ts';
import type { SlackStandIn } from '../slack/slack.ts';
import type { ProviderStandIns } from '../providers/start-providers.ts';
import type { FaultSwitch, StandIn } from '../kit/stand-in.ts';

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
  /** Which fault is set where. */
  readonly faults: Map<FaultTarget, FaultSwitch>;
  /** Sends the genuine signed alert of a source for a token. */
  leak(tokenId: string, source: string): Promise<unknown>;
  pageState(): Promise<unknown>;
  reset(): Promise<void>;
}

const faultSchema = z.object({
  target: z.enum(FAULT_TARGETS),
  mode: z.enum(MODES),
  count: z.int().positive().optional(),
  ms: z.int().nonnegative().optional(),
  retryAfterSeconds: z.int().nonnegative().optional(),
});
const mintSchema = z.looseObject({ provider: z.enum(PROVIDER_NAMES), profile: z.string(), name: z.string() });
const crashSchema = z.object({ function: z.string(), at: z.enum(['before-effect', 'after-effect', 'before-reply']) });
const restartSchema = z.object({ function: z.string(), env: z.record(z.string(), z.string().nullable()).default({}) });
const channelSchema = z.object({
  id: z.string(),
  members: z.array(z.string()),
  shared: z.boolean().optional(),
  bot: z.boolean().optional(),
});
const refusalSchema = z.object({ method: z.string(), channel: z.string().optional(), code: z.string().optional() });
const alertSchema = z.object({
  repository: z.string(),
  number: z.int().positive(),
  secret: z.string(),
  secret_type: z.string(),
  publicly_leaked: z.boolean().optional(),
});

const publicKeySchema = z.object({
  key_identifier: z.string(),
  key: z.string(),
  is_current: z.boolean().default(true),
});

/** `METHOD name` → answer: a value that is sent as JSON, or a whole `ControlAnswer`. */
export type Routes = Readonly<Record<string, (call: Call) => unknown>>;

/** Returns what answers each control call, by method and name; docs/sandbox.md describes them. */
export function createRoutes(parts: ControlParts): Routes {
  const { providers, slack, github, queues, table, cloud, deployment, person, faults } = parts;
  const standIns: Readonly<Record<FaultTarget, { setFault(fault: FaultSwitch): void }>> = {
    ...providers,
    slack,
    github,
    secrets: parts.secrets,
    sqs: queues,
    dynamodb: table,
  };

  const fleet = (name: string) => {
    const found = cloud.fleets.get(name);
    if (found === undefined)
      throw new BadCall(`There is no function ${name}; there are ${[...cloud.fleets.keys()].join(', ')}.`);
    return found;
  };

  return {
    'GET messages': ({ query }) => {
      const wanted = query.get('channel') ?? '';
      const since = toSeconds(query.get('since'));
      const isNew = (at: string | undefined) => at !== undefined && toSeconds(at) > since;
      return slack
        .messages()
        .filter(({ channel }) => wanted === '' || channel === wanted)
        .filter(({ ts, editedAt }) => isNew(ts) || isNew(editedAt));
    },
    'GET views': () => slack.views(),
    'GET files': () => slack.files(),
    'GET tokens': () => Object.values(providers).flatMap((provider) => provider.tokens()),
    'POST tokens': ({ body }) => {
      const { provider, ...token } = body(mintSchema);
      return providers[provider].mint(token);
    },
    'GET provider-calls': () =>
      [...Object.values(providers), github].flatMap(({ calls }) => calls).toSorted((a, b) => a.at.localeCompare(b.at)),
    'GET slack-calls': () => slack.calls,
    'GET traces': async () =>
      readTraces({
        jobs: await queues.history(),
        invocations: cloud.invocations,
        providerCalls: [...Object.values(providers), github].flatMap(({ calls }) => calls),
        slackCalls: slack.calls,
        messages: slack.messages(),
      }),
    'POST leak': ({ body }) => {
      const { tokenId, source } = body(z.object({ tokenId: z.string(), source: z.string() }));
      return parts.leak(tokenId, source);
    },
    'POST fault': ({ body }) => {
      const { target, ...given } = body(faultSchema);
      if (!modesOf(target).includes(given.mode))
        throw new BadCall(`${target} knows no fault ${given.mode}; it knows ${modesOf(target).join(', ')}.`);
      const fault = given as FaultSwitch;
      standIns[target].setFault(fault);
      // A counted one ends by itself and nobody is told, so it is not shown as set.
      faults.set(target, fault.count === undefined ? fault : { mode: 'none' });
      return { target, ...given };
    },
    'POST crash': ({ body }) => {
      const { function: name, at } = body(crashSchema);
      const victim = fleet(name);
      const armed = (at === 'before-reply' ? [slack] : Object.values(providers)).map((standIn) =>
        standIn.crashNext(at === 'after-effect' ? 'after-effect' : 'before-effect', () => {
          for (const callOff of armed) callOff();
          victim.crash();
        }),
      );
      return { function: name, at };
    },
    'GET logs': () => cloud.printed,
    'GET queue-history': () => queues.history(),
    'GET table': () => table.items(),
    'POST usergroups': ({ body }) => {
      const { id, users } = body(z.object({ id: z.string(), users: z.array(z.string()) }));
      slack.setGroup(id, users);
      return { id, users };
    },
    'POST channels': ({ body }) => {
      const { id, ...channel } = body(channelSchema);
      slack.setChannel(id, channel as Parameters<SlackStandIn['setChannel']>[1]);
      return { id, ...channel };
    },
    'POST slack-refusals': ({ body }) => {
      const refusal = body(refusalSchema);
      slack.setRefusal(refusal);
      return refusal;
    },
    'GET github/alerts': () => github.alerts(),
    'POST github/alerts': ({ body }) => {
      const alert = body(alertSchema);
      github.setAlert(alert as Parameters<GithubStandIn['setAlert']>[0]);
      return alert;
    },
    'POST github/keys': ({ body }) => {
      const { public_keys: keys } = body(z.object({ public_keys: z.array(publicKeySchema) }));
      github.setKeys(keys);
      return { public_keys: keys };
    },
    'POST restart': async ({ body }) => {
      const { function: name, env } = body(restartSchema);
      const queue = deployment.functions.find((each) => each.name === name)?.queue;
      // On AWS the two are one figure, so they stay one here.
      if (queue !== undefined && env['MAX_RECEIVES'] !== undefined) {
        await queues.setMaxReceives(
          queue.logicalId,
          env['MAX_RECEIVES'] === null ? undefined : Number(env['MAX_RECEIVES']),
        );
      }
      const failed = await fleet(name).restart(env);
      return {
        function: name,
        initialised: failed === undefined,
        ...(failed === undefined ? {} : { error: JSON.parse(failed.payload) as unknown }),
      };
    },
    'POST clock': ({ body }) => {
      const { offsetSeconds } = body(z.object({ offsetSeconds: z.number() }));
      cloud.setClockOffset(Math.round(offsetSeconds * 1000));
      return { offsetSeconds };
    },
    'POST invoke': async ({ rest, text }) => {
      parseJson(text);
      return invoked(await fleet(rest).invoke(text));
    },
    'POST run': async ({ rest }) => {
      const schedule = deployment.functions.find(({ name }) => name === rest)?.schedule;
      if (schedule === undefined) throw new BadCall(`${rest} has no schedule.`);
      return invoked(await fleet(rest).invoke(JSON.stringify(schedule)));
    },
    'POST reset': async () => {
      await parts.reset();
      return { reset: true };
    },
    'GET page/state': () => parts.pageState(),
    'POST slack/command': ({ body }) => person.command(body(PERSON_ACTIONS.command)),
    'POST slack/click': ({ body }) => person.click(body(PERSON_ACTIONS.click)),
    'POST slack/submit': ({ body }) => person.submit(body(PERSON_ACTIONS.submit)),
    'POST slack/close': ({ body }) => person.close(body(PERSON_ACTIONS.close)),
    'POST slack/home': ({ body }) => person.home(body(PERSON_ACTIONS.home)),
  };
}

/** The raw result, or the error with the header by which Lambda marks one. */
function invoked({ ok, payload }: Invocation): ControlAnswer {
  return {
    status: 200,
    json: payload === '' ? 'null' : payload,
    ...(ok ? {} : { headers: { 'x-amz-function-error': 'Unhandled' } }),
  };
}

/** Reads a Slack time stamp or an ISO date as seconds; 0 for none. */
function toSeconds(text: string | null): number {
  if (text === null || text === '') return 0;
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000 || 0;
}
