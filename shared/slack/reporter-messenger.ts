import { caseOfPasted, isPastedGivenUp, type Paste, readPaste } from '#shared/cases/pastes.ts';
import { readLiveCase } from '#shared/cases/merge-cases.ts';
import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { outwait } from '#shared/core/outwait.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { authorise, isDenied } from '#shared/tokens/authorise.ts';
import type { Services } from '#shared/tokens/services.ts';
import { type Pasted, reporterNotice } from './blocks/reporter-notice.ts';
import type { Reply } from './reply.ts';
import { saidNote, type Spoken } from './spoken.ts';

/**
 * Brings the message that answered a person's report up to what has become of it, and of each of its secrets: it links to the
 * cards, and says the end. One speaks at a time, and each speaks for all changes so far. `again`: also where nothing seems to
 * have changed, since the answer itself was just said anew. Nothing happens while the answer has not been said, or where its
 * reader has put it away. Throws Slack's and the store's faults; safe to repeat.
 */
export type TellReporter = (pasteId: string, how?: { readonly again: boolean }) => Promise<void>;

/** What is kept of the message: what it says, and since when an edit may still come of which nobody has heard the end (ISO 8601). */
interface Told {
  readonly mark: string;
  readonly unheard?: string;
}

/** Creates what tells those who report leaks by hand. */
export function createReporterMessenger({
  services,
  reply,
}: {
  readonly services: Services;
  readonly reply: Pick<Reply, 'edit'>;
}): TellReporter {
  const { store } = services;
  return (id, how) =>
    store.hold(`reporter:${id}`, async (held) => {
      const [paste, said] = await Promise.all([readPaste(store.notes, id), store.notes.get<Spoken>(saidNote(id, 0))]);
      if (paste === undefined || said?.ts === undefined) return;
      const pasted = await pastedOf(services, paste);
      // As the answer says it.
      if (pasted.every(({ kase, isGivenUp }) => kase === undefined && isGivenUp !== true)) return;
      const notice = reporterNotice({ pasted, unrecognised: paste.unrecognised });
      const mark = sha256Hex(JSON.stringify(notice));
      const told = held.kept<Told>();
      if (told?.mark === mark && told.unheard === undefined && how?.again !== true) return;
      await outwait(services, told?.unheard);
      try {
        await reply.edit({ channel: said.channel, ts: said.ts }, notice);
      } catch (error) {
        if (!isFault(error, 'slack_rejected')) {
          held.keep({ mark: '', unheard: services.now().toISOString() } satisfies Told);
          throw error;
        }
      }
      held.keep({ mark } satisfies Told);
    });
}

/** Where each secret of a paste stands now. */
async function pastedOf(services: Services, { id, reporter, recognised }: Paste): Promise<readonly Pasted[]> {
  const { store, channels } = services;
  const { may } = await authorise(services, reporter);
  return Promise.all(
    Array.from({ length: recognised }, async (_, index): Promise<Pasted> => {
      const caseId = await caseOfPasted(store.notes, id, index);
      const kase = caseId === undefined ? undefined : await readLiveCase(store, caseId);
      if (kase === undefined) return (await isPastedGivenUp(store.notes, id, index)) ? { isGivenUp: true } : {};
      const link = kase.message && (await channels.linkTo(kase.message));
      const { grade, token } = kase;
      const isSure = grade === 'proved' || grade === 'exact';
      const isNamed = isSure || (token !== undefined && !isDenied(may('show', token.profile)));
      return { kase, isNamed, ...defined({ link }) };
    }),
  );
}
