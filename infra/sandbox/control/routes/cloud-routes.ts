import * as z from 'zod';
import type { Invocation } from '../../lambda/invocation.ts';
import { BadCall, parseBody } from '../call.ts';
import type { ControlParts, Routes } from '../control-parts.ts';
import { fleetOf } from '../fleet-of.ts';
import type { ControlAnswer } from '../front.ts';
import { readTraces } from '../read-traces.ts';

/** What lies in the queues and the table, what the functions printed, and their being called by hand. */
export const cloudRoutes = ({ queues, table, cloud, deployment, providers, slack, github }: ControlParts): Routes => ({
  'GET logs': () => cloud.printed,
  'GET queue-history': () => queues.history(),
  'GET queues': async () => ({ pending: await queues.pending() }),
  'GET table': () => table.items(),
  'GET table-calls': () => table.calls(),
  'GET traces': async () =>
    readTraces({
      jobs: await queues.history(),
      invocations: cloud.invocations,
      providerCalls: [...Object.values(providers), github].flatMap(({ calls }) => calls),
      slackCalls: slack.calls,
      messages: slack.messages(),
    }),
  'POST clock': ({ body }) => {
    const { offsetSeconds } = body(z.object({ offsetSeconds: z.number() }));
    cloud.setClockOffset(Math.round(offsetSeconds * 1000));
    return { offsetSeconds };
  },
  'POST invoke': async ({ rest, text }) => {
    parseBody(text);
    return invoked(await fleetOf(cloud, rest).invoke(text));
  },
  'POST run': async ({ rest }) => {
    const schedules = deployment.functions.find(({ name }) => name === rest)?.schedules ?? [];
    // In turn, as their times are apart; what fails keeps none of the others.
    const answers: Invocation[] = [];
    for (const event of schedules) answers.push(await fleetOf(cloud, rest).invoke(JSON.stringify(event)));
    const answer = answers.find(({ ok }) => !ok) ?? answers[0];
    if (answer === undefined) throw new BadCall(`${rest} has no schedule.`);
    return invoked(answer);
  },
});

/** The raw result, or the error with the header by which Lambda marks one. */
function invoked({ ok, payload }: Invocation): ControlAnswer {
  return {
    status: 200,
    json: payload === '' ? 'null' : payload,
    ...(ok ? {} : { headers: { 'x-amz-function-error': 'Unhandled' } }),
  };
}
