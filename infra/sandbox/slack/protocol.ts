import type { Exchange } from '../kit/exchange.ts';

export type Json = Readonly<Record<string, unknown>>;
/** A call's arguments: fields that Slack takes as JSON text in a form are already parsed. */
export type Args = Json;
export interface Answer extends Json {
  readonly ok: boolean;
}
export interface Method {
  readonly scope?: string | readonly string[];
  run(args: Args): Answer;
}

/** Fields that a form carries as JSON text. */
const JSON_FIELDS = ['blocks', 'view', 'attachments', 'files', 'metadata'];

export const done = (json: Json = {}): Answer => ({ ok: true, ...json });
export const fail = (error: string, more: Json = {}): Answer => ({ ok: false, error, ...more });
/** A refusal with details, as Slack gives them for arguments. */
export const malformed = (error: string, problems: readonly string[]): Answer =>
  fail(error, {
    response_metadata: { messages: problems.map((one) => (one.startsWith('[') ? one : `[ERROR] ${one}`)) },
  });
export const missing = (field: string): Answer => malformed('invalid_arguments', [`missing required field: ${field}`]);

/** A text argument; a number counts as text, blank counts as absent. */
export function text(args: Args, name: string): string | undefined {
  const value = args[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function parseField(name: string, value: string): unknown {
  if (!JSON_FIELDS.includes(name)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Reads a Web API call's arguments from its query and its form or JSON body; `undefined` when the JSON is malformed. */
export function readArgs({ headers, query, body }: Exchange): Args | undefined {
  const fromQuery = Object.fromEntries([...query].map(([name, value]) => [name, parseField(name, value)]));
  if (headers['content-type']?.startsWith('application/json') !== true) {
    const form = new URLSearchParams(body.toString());
    return { ...fromQuery, ...Object.fromEntries([...form].map(([name, value]) => [name, parseField(name, value)])) };
  }
  try {
    const json = JSON.parse(body.toString()) as Json;
    const parsed = Object.entries(json).map(([name, value]) => [
      name,
      typeof value === 'string' ? parseField(name, value) : value,
    ]);
    return { ...fromQuery, ...(Object.fromEntries(parsed) as Json) };
  } catch {
    return undefined;
  }
}
