import { allEnded } from '#shared/core/all-ended.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import type { Case, CaseReport, Notes } from '#shared/store/store.ts';

/** The name under which the policy's alert rules see what people report by hand. */
export const PERSON_SOURCE = 'slack';

const KEPT_SECONDS = 90 * 86_400;

/** What one person pasted at once, as far as it was recognised: its reports, in their order. */
export interface Paste {
  /** The delivery key of the job that brought it. */
  readonly id: string;
  readonly reporter: Actor;
  readonly recognised: number;
  /** Texts that had no form that Patrol knows. */
  readonly unrecognised: number;
  /** True once its reports are queued. */
  readonly isSent?: true;
}

/** Names the report of one secret of a paste. */
export function pastedKey(pasteId: string, index: number): string {
  return `${PERSON_SOURCE}:${pasteId}:${index}`;
}

/** The paste that a report is of; nothing for what no person has pasted. */
function pasteOf({ source, key, reporter }: CaseReport): string | undefined {
  if (source !== PERSON_SOURCE || reporter === undefined) return undefined;
  return pasteOfKey(key);
}

function pasteOfKey(key: string): string | undefined {
  return /^slack:(.+):\d{1,4}$/s.exec(key)?.[1];
}

const reportedNote = (key: string): string => `reported:${key}`;
const givenUpNote = (key: string): string => `given-up-report:${key}`;
const givenUpPasteNote = (id: string): string => `given-up-paste:${id}`;
const pasteNote = (id: string): string => `paste:${id}`;

/** Keeps what was pasted, before its reports are queued. */
export function keepPaste(notes: Pick<Notes, 'put'>, paste: Paste): Promise<void> {
  return notes.put(pasteNote(paste.id), paste, KEPT_SECONDS);
}

/** What was pasted; nothing of what was never kept, or long ago. */
export function readPaste(notes: Pick<Notes, 'get'>, id: string): Promise<Paste | undefined> {
  return notes.get<Paste>(pasteNote(id));
}

/** The pastes that a case was reported by, each once; from here on its reports lead to it. */
export async function pastesOf(notes: Pick<Notes, 'put'>, { id, reports }: Case): Promise<readonly string[]> {
  const pasted = reports.flatMap((report) => {
    const paste = pasteOf(report);
    return paste === undefined ? [] : [{ paste, key: report.key }];
  });
  await allEnded(pasted.map(({ key }) => notes.put(reportedNote(key), id, KEPT_SECONDS)));
  return [...new Set(pasted.map(({ paste }) => paste))];
}

/**
 * Notes that the report of a pasted secret was given up before it had come to a case; gives the paste, whose reporter reads so.
 * Nothing for a report that no person has pasted, or that has a case.
 */
export async function giveUpPasted(
  notes: Pick<Notes, 'get' | 'put'>,
  report: Pick<CaseReport, 'key'>,
): Promise<string | undefined> {
  const paste = pasteOfKey(report.key);
  if (paste === undefined || (await notes.get<string>(reportedNote(report.key))) !== undefined) return undefined;
  await notes.put(givenUpNote(report.key), true, KEPT_SECONDS);
  return paste;
}

/** True where the report of one secret of a paste was given up. It may have been brought back since, and have a case. */
export async function isPastedGivenUp(notes: Pick<Notes, 'get'>, pasteId: string, index: number): Promise<boolean> {
  return (await notes.get<boolean>(givenUpNote(pastedKey(pasteId, index)))) === true;
}

/** Notes that the paste itself was given up: whoever has something to tell of it, and nowhere to, tells it anew. */
export function giveUpPaste(notes: Pick<Notes, 'put'>, id: string): Promise<void> {
  return notes.put(givenUpPasteNote(id), true, KEPT_SECONDS);
}

/** True where a paste was given up. It may have been brought back since. */
export async function isPasteGivenUp(notes: Pick<Notes, 'get'>, id: string): Promise<boolean> {
  return (await notes.get<boolean>(givenUpPasteNote(id))) === true;
}

/** The case that one secret of a paste was reported to; nothing until there is one. */
export function caseOfPasted(notes: Pick<Notes, 'get'>, pasteId: string, index: number): Promise<string | undefined> {
  return notes.get<string>(reportedNote(pastedKey(pasteId, index)));
}

/** True for a paste of whose secrets something becomes, or is given up in its turn: its reporter reads that. */
export function isFollowed({ recognised, isSent }: Paste): boolean {
  return recognised > 0 && isSent === true;
}
