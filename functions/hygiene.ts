import * as z from 'zod';
import { findRevived } from '#shared/cases/find-revived.ts';
import { parseEnv } from '#shared/core/parse-env.ts';
import { isFault } from '#shared/core/fault.ts';
import { once } from '#shared/core/once.ts';
import { digest } from '#shared/hygiene/assess.ts';
import { readInventories } from '#shared/hygiene/read-inventories.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { renderDigest } from '#shared/slack/blocks/render-digest.ts';
import { createSayLoud } from '#shared/slack/say-loud.ts';
import { faultFields } from '#shared/telemetry/log.ts';
import { createCases } from './runtime/cases.ts';
import { createSlackWorkerServices } from './runtime/slack-worker-services.ts';

// Once on cold start; a failure is not kept.
const start = once(async () => {
  const env = parseEnv(z.object({ LEAKS_QUEUE_URL: z.url() }), process.env);
  const worker = await createSlackWorkerServices('hygiene', env.LEAKS_QUEUE_URL);
  return { ...worker, show: createCases(worker).show };
});

/** Called by the schedule: posts one digest of every profile's tokens, and has leaks looked for that could not be. */
export const handler = async (event: { readonly id?: string; readonly time?: string }): Promise<void> => {
  const { services, reply, searchAgain, show, log } = await start();
  const { policy } = services;
  const sayLoud = createSayLoud({ services, reply });
  // The schedule may deliver twice: one digest per firing.
  const firing = event.id ?? event.time ?? services.now().toISOString();
  try {
    const { value } = await services.store.remember(`hygiene:${firing}`, async () => {
      const now = services.now();
      const { inventories, unread } = await readInventories(services, services.providers.names());
      const isProtected = (token: Token) => protectedBy(policy, token) !== undefined;
      const revived = await findRevived(
        services,
        inventories.flatMap(({ tokens }) => tokens),
      );
      const report = digest({ inventories, unread, thresholds: policy.hygiene, isProtected, revived, now });
      // The cards that said "dead" are told first, and a card that cannot be changed hides no finding.
      await Promise.allSettled(revived.map(({ caseId }) => show(caseId)));
      const channel = policy.hygiene.channel ?? policy.channels.security;
      await sayLoud({ channel, message: renderDigest(report, now), key: `hygiene:${firing}` }).catch(
        (error: unknown) => {
          // The admins have it instead.
          if (!isFault(error, 'channel_closed')) throw error;
          log('error', { event: 'hygiene', result: 'told_alone', ...faultFields(error) });
        },
      );
      return { seen: report.seen, troubled: report.troubled };
    });
    log('info', { event: 'hygiene', result: 'done', count: value.troubled });
    log('info', { event: 'searched_again', count: await searchAgain.all() });
  } catch (error) {
    log('error', { event: 'hygiene', result: 'failed', ...faultFields(error) });
    throw error;
  }
};
