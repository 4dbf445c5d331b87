import type { KeyObject } from 'node:crypto';
import * as z from 'zod';
import { caseKeys, clueNote } from '#shared/cases/case-keys.ts';
import { giveUpCase } from '#shared/cases/give-up-case.ts';
import { asError } from '#shared/core/as-error.ts';
import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { reportSchema } from '#shared/jobs/job.ts';
import { openJob } from '#shared/jobs/sign-job.ts';
import { caseId } from '#shared/store/case-id.ts';
import type { Case } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { renderGivenUp } from './blocks/render-dead-letters.ts';
import type { Buttons } from './buttons.ts';
import { casesAskedAbout } from './cases-asked-about.ts';
import { isOverheard } from './is-overheard.ts';
import type { Request } from './listeners/request.ts';
import { saidNote, type Spoken } from './spoken.ts';
import type { Reply } from './reply.ts';
import { toRequest } from './to-request.ts';

interface EndGivenUpDeps {
  readonly services: Services;
  readonly reply: Reply;
  /** Tells the jobs that our own functions have signed. */
  readonly jobKey: KeyObject;
  /** Tells which case was pressed. */
  readonly buttons: Buttons;
  /** Brings a case's card up to date. */
  readonly show: (caseId: string) => Promise<void>;
  readonly planSearch: (kase: Case) => Promise<unknown>;
  /** Names the stage in the command that brings a job back. */
  readonly stage: string;
}

/** Only what is needed of a job, which may be of another release. */
const letterSchema = z.object({
  kind: z.string(),
  deliveryKey: z.string(),
  receivedAt: z.string(),
  requestId: z.string().optional(),
  payload: z.looseObject({ text: z.string().optional() }).optional(),
  report: reportSchema.optional(),
  caseId: z.string().optional(),
});
type Letter = z.infer<typeof letterSchema>;

/** A request has few answers; whatever it says beyond them promises nothing. */
const MOST_ANSWERS = 4;
const KEPT_SECONDS = 30 * 86_400;

/**
 * Ends the words that promise more of a job than there is: those of a request whose process died at its last delivery, and
 * those on the card of a case. Throws Slack's and the store's faults; asked again it goes on where it stopped, and says
 * nothing twice.
 */
export async function endGivenUp(deps: EndGivenUpDeps, bodies: readonly string[]): Promise<void> {
  let trouble: Error | undefined;
  for (const body of bodies) {
    const opened = openJob(deps.jobKey, body, deps.services.now());
    const letter = 'job' in opened ? letterSchema.safeParse(opened.job).data : undefined;
    if (letter === undefined) continue;
    // Trouble with one hides no other.
    await (letter.payload === undefined ? endReport(deps, letter) : endRequest(deps, letter)).catch(
      (error: unknown) => {
        trouble ??= asError(error);
      },
    );
  }
  if (trouble !== undefined) throw trouble;
}

async function endRequest(deps: EndGivenUpDeps, letter: Letter): Promise<void> {
  const { deliveryKey, receivedAt, payload = {} } = letter;
  const job = {
    v: 1 as const,
    kind: 'command' as const,
    receivedAt,
    deliveryKey,
    sealed: [],
    unrecognised: 0,
  } satisfies Request['job'];
  const request = toRequest(job, payload, { attempt: 1, isLast: true });
  await endWords(deps, letter, request);
  // It may have been given up between its effect and the card.
  const asked = await casesAskedAbout({ buttons: deps.buttons, store: deps.services.store }, request, payload);
  await endCases(deps, await withTheirs(deps.services, asked));
}

async function endWords(
  { services, reply, stage }: EndGivenUpDeps,
  { deliveryKey, requestId, payload = {} }: Letter,
  { actor, place }: Request,
): Promise<void> {
  const { policy, store } = services;
  const ended = `given-up:${deliveryKey}`;
  for (let index = 0; index < MOST_ANSWERS; index += 1) {
    const note = saidNote(deliveryKey, index);
    const known = await store.notes.get<Spoken>(note);
    const isLost = known === undefined && index === 0 && (await store.notes.get<boolean>(ended)) !== true;
    // An attempt that died may have posted it and never learned where.
    const found = isLost && place.channel !== undefined ? await reply.find(place.channel, note) : undefined;
    const at = known?.isOpen === true ? known : found;
    if (at?.ts !== undefined) {
      const asked = isOverheard(policy, at.channel) ? undefined : payload.text;
      const words = renderGivenUp({ userId: actor.userId, ...defined({ asked, requestId }) }, stage);
      await reply.edit({ channel: at.channel, ts: at.ts }, words).catch(onlyIfRefused);
      await store.notes.put(note, { channel: at.channel, ts: at.ts } satisfies Spoken, KEPT_SECONDS);
    }
    if (isLost) await store.notes.put(ended, true, KEPT_SECONDS);
  }
}

async function endReport(deps: EndGivenUpDeps, letter: Letter): Promise<void> {
  await endCases(deps, await casesOf(deps.services, letter));
}

async function endCases({ services, show, planSearch }: EndGivenUpDeps, ids: ReadonlySet<string>): Promise<void> {
  const { store, now } = services;
  for (const id of ids) {
    await giveUpCase({ store, now, planSearch }, id);
    // Also where the case says so by itself: what was given up may have been to show it.
    await show(id);
  }
}

/** Every case whose card a report may have left behind: those that it opens or is known to belong to, and theirs. */
async function casesOf(services: Services, { report, caseId: named }: Letter): Promise<ReadonlySet<string>> {
  const { notes } = services.store;
  const ofPlace = report === undefined ? undefined : clueNote(report);
  // What the alert pointed to was known for a while: its job carries no clue.
  const clue = ofPlace === undefined ? undefined : await notes.get<string>(ofPlace);
  const keys = report === undefined ? [] : [...caseKeys(report, report.clue), ...(clue === undefined ? [] : [clue])];
  const known = await Promise.all(keys.map((key) => notes.get<string>(`case-of:${key}`)));
  const ids = [named, ...[...keys, ...known].map((key) => key && caseId(key))];
  return withTheirs(
    services,
    ids.filter((id) => id !== undefined),
  );
}

/** These cases, those in which they go on, and those that go on in them: a job may be given up between any two of them. */
async function withTheirs({ store }: Services, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const open = [...ids];
  const found = new Set<string>();
  while (open.length > 0) {
    const cases = await Promise.all(open.splice(0).map((id) => store.cases.get(id)));
    for (const kase of cases) {
      if (kase === undefined || found.has(kase.id)) continue;
      found.add(kase.id);
      open.push(...(kase.mergedFrom ?? []), ...(kase.mergedInto === undefined ? [] : [kase.mergedInto]));
    }
  }
  return found;
}

function onlyIfRefused(error: unknown): void {
  if (!isFault(error, 'slack_rejected')) throw error;
}
