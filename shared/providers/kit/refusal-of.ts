import { Fault } from '#shared/core/fault.ts';
import { type HttpReply, refusedBy } from '#shared/core/http.ts';
import { defined } from '#shared/core/defined.ts';
import { scrub } from '../text/scrub.ts';

/** Longest refusal that is passed on. */
const MOST = 300;
/** Most problems of one answer that are passed on. */
const MOST_PROBLEMS = 5;

/**
 * The fault of an answer that a caller has no use for, with what the provider itself says of it: its words, the fields it
 * objects to, and the id under which its support finds the call. Bounded, and without anything that looks like a secret.
 */
export function refusalOf(reply: HttpReply, label: string): Fault {
  const fault = refusedBy(reply, label);
  const quoted = wordsIn(reply.json);
  if (quoted === undefined) return fault;
  const { code, detail, status } = fault;
  return new Fault(code, detail, { ...defined({ status }), quoted });
}

/** Reads the shapes in which the providers' services tell a refusal; anything else is none. */
function wordsIn(json: unknown): string | undefined {
  const parts = partsOf(json).filter((part) => part.trim() !== '');
  if (parts.length === 0) return undefined;
  const { text } = scrub(parts.join('; '), () => '');
  return text.length <= MOST ? text : `${text.slice(0, MOST - 1)}…`;
}

function partsOf(json: unknown): readonly string[] {
  if (!isRecord(json)) return [];
  const { error, detail, message, title } = json;
  if (isRecord(error)) return [...texts(error['message']), ...named('error id', error['id'])];
  if (Array.isArray(detail)) return detail.slice(0, MOST_PROBLEMS).flatMap(problemOf);
  const [first] = [detail, message, error, title].flatMap(texts);
  return first === undefined ? [] : [first];
}

/** One field that was objected to: "name: field required". */
function problemOf(problem: unknown): readonly string[] {
  if (!isRecord(problem)) return texts(problem);
  const place = Array.isArray(problem['loc']) ? problem['loc'].filter((step) => step !== 'body').join('.') : '';
  return texts(problem['msg']).map((words) => (place === '' ? words : `${place}: ${words}`));
}

function named(what: string, value: unknown): readonly string[] {
  return texts(value).map((text) => `${what} ${text}`);
}

function texts(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
