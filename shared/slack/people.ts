import type { webApi } from '@slack/bolt';
import { createFresh } from '#shared/core/fresh.ts';
import type { People } from '#shared/tokens/services.ts';
import { onlyIfRefused } from './only-if-refused.ts';
import { slackErrorCode, toSlackFault } from './to-slack-fault.ts';

interface PeopleDeps {
  readonly client: Pick<webApi.WebClient, 'users'>;
  readonly now: () => Date;
}

/** How long Slack's word on an address is believed, milliseconds. */
const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 5000;
const EMAIL = /^[^\s@<>]{1,64}@[^\s@<>]{1,190}\.[^\s@<>]{2,60}$/;

/**
 * Finds people in Slack by the e-mail address that a provider gives for a token's owner. An address that Slack does not
 * know, and a right that is missing, mean "nobody known"; trouble that may pass is thrown. Only Slack's word is kept.
 */
export function createPeople({ client, now }: PeopleDeps): People {
  const lookUp = createFresh({
    load: async (email) => {
      try {
        const { user } = await client.users.lookupByEmail({ email });
        // Somebody who has left, a program, or a guest of a shared channel is nobody to be told.
        // Slack tells of strangers, its client's types do not.
        const { is_stranger: isStranger } = (user ?? {}) as { readonly is_stranger?: boolean };
        const isNobody = user?.deleted === true || user?.is_bot === true || isStranger === true;
        return isNobody ? undefined : user?.id;
      } catch (error) {
        if (slackErrorCode(error) === 'users_not_found') return undefined;
        throw error;
      }
    },
    now,
    most: MOST_KEPT,
  });
  const readPerson = createFresh({
    load: async (userId) => {
      const { user } = await client.users.info({ user: userId });
      const { display_name: shown = '', real_name: real = '', email } = user?.profile ?? {};
      const isStranger = (user as { readonly is_stranger?: boolean } | undefined)?.is_stranger === true;
      return {
        name: [shown, real, user?.name].find((name) => name !== undefined && name !== ''),
        email: isStranger || email === undefined || !EMAIL.test(email) ? undefined : email.toLowerCase(),
      };
    },
    now,
    most: MOST_KEPT,
  });
  const person = (userId: string) => readPerson(userId, KEPT_MS);
  return {
    nameOf: async (userId) => (await person(userId).catch(() => undefined))?.name,
    emailOf: async (userId) => (await person(userId).catch(orNobody('users.info')))?.email,
    byEmail: async (email) => {
      if (!EMAIL.test(email)) return undefined;
      return lookUp(email.toLowerCase(), KEPT_MS).catch(orNobody('users.lookupByEmail'));
    },
  };
}

/** Takes a refusal of Slack for good as word of nobody, and throws what may pass. */
function orNobody(method: string) {
  return (error: unknown): undefined => onlyIfRefused(toSlackFault(method, error));
}
