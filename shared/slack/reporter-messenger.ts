import { notingUnheard } from '#shared/cases/noting-unheard.ts';
import { caseOfPasted, isPasteGivenUp, isPastedGivenUp, type Paste, readPaste } from '#shared/cases/pastes.ts';
import { readLiveCase } from '#shared/store/read-live-case.ts';
import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { outwait } from '#shared/core/outwait.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { authorise, isDenied } from '#shared/tokens/authorise.ts';
import type { Services } from '#shared/tokens/services.ts';
import { renderLeakReceived } from './blocks/render-leak-received.ts';
import { type Pasted, reporterNotice } from './blocks/reporter-notice.ts';
import type { Posted, Reply } from './reply.ts';
import { saidNote, type Spoken } from './spoken.ts';
import { onlyIfRefused } from './only-if-refused.ts';

/**
 * Brings the message that answered a person's report up to what has become of it, and of each of its secrets: it links to the
 * cards, and says the end. One speaks at a time, and each speaks for all changes so far. Nothing happens while the answer has
 * not been said, or where its reader has put it away; where its paste was given up and nobody knows where it was said, it is
 * said anew. Throws Slack's and the store's faults; safe to repeat.
 */
export type TellReporter = (pasteId: string) => Promise<void>;

/** What is kept of the message: what it says, and the name of the last edit whose end was heard. */
interface Told {
  readonly mark: string;
  readonly heard?: string;
}

/** As long as the paste itself is known. */
const KEPT_SECONDS = 30 * 86_400;

/** Names the note of the last edit that was begun: when (ISO 8601), and its own name. It may still come where nobody has heard its end. */
function editNote(id: string): string {
  return `reporter-edit:${id}`;
}

interface ReporterMessengerDeps {
  readonly services: Services;
  readonly reply: Pick<Reply, 'edit' | 'tell'>;
}

/** Creates what tells those who report leaks by hand. */
export function createReporterMessenger({ services, reply }: ReporterMessengerDeps): TellReporter {
  const { store } = services;
  return (id) =>
    store.hold(`reporter:${id}`, async (held) => {
      const [paste, said, last] = await allEnded([
        readPaste(store.notes, id),
        store.notes.get<Spoken>(saidNote(id, 0)),
        store.notes.get<string>(editNote(id)),
      ]);
      if (paste === undefined) return;
      const pasted = await pastedOf(services, paste);
      // As the answer says it.
      if (pasted.every(({ kase, isGivenUp }) => kase === undefined && isGivenUp !== true)) return;
      const place = said?.ts === undefined ? await answerAnew({ services, reply }, paste) : said;
      if (place?.ts === undefined) return;
      const at = { channel: place.channel, ts: place.ts };
      // From here on it follows its secrets, also once the paste that was given up is brought back.
      if (said?.isStopped === true) await store.notes.put(saidNote(id, 0), at satisfies Spoken, KEPT_SECONDS);
      const notice = reporterNotice({ pasted, unrecognised: paste.unrecognised });
      const mark = sha256Hex(JSON.stringify(notice));
      const told = held.kept<Told>();
      const unheard = last === told?.heard ? undefined : last?.split(' ')[0];
      if (told?.mark === mark && unheard === undefined) return;
      await outwait(services, unheard);
      let begun: string | undefined;
      const note = () =>
        store.notes.put(editNote(id), (begun = `${services.now().toISOString()} ${services.newId()}`), KEPT_SECONDS);
      await notingUnheard(async (begin) => {
        await begin();
        // A message that its reader has put away is not said anew.
        await reply.edit(at, notice).catch(onlyIfRefused);
      }, note);
      held.keep({ mark, ...defined({ heard: begun }) } satisfies Told);
    });
}

/** Answers a paste that was given up in a new message, whose place is noted before it says how it stands. */
async function answerAnew({ services, reply }: ReporterMessengerDeps, paste: Paste): Promise<Posted | undefined> {
  const { notes } = services.store;
  if (!(await isPasteGivenUp(notes, paste.id))) return undefined;
  const words = renderLeakReceived({ kind: 'leak_received', ...paste });
  const said = await reply.tell(paste.reporter.userId, words).catch(onlyIfRefused);
  if (said?.ts !== undefined) await notes.put(saidNote(paste.id, 0), said satisfies Spoken, KEPT_SECONDS);
  return said;
}

/** Where each secret of a paste stands now. */
async function pastedOf(services: Services, { id, reporter, recognised }: Paste): Promise<readonly Pasted[]> {
  const { store, channels } = services;
  const { may } = await authorise(services, reporter);
  return allEnded(
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
