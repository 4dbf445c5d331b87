import fc from 'fast-check';
import { foreignText } from './text.ts';
import { token, mutation, ref, answer, read, receipt } from './token.ts';
import { trouble } from './trouble.ts';
import { refusal } from './refusal.ts';

export const changed = fc.record({
  kind: fc.constant('changed'),
  verb: mutation,
  token,
  already: fc.boolean(),
  receipt,
  undo: fc.boolean(),
});

export const notFound = fc.record({ kind: fc.constant('not_found'), verb: mutation, asked: foreignText });

export const failed = fc.record({ kind: fc.constant('failed'), verb: mutation, ref, name: foreignText, trouble });

export const answered = <K extends 'unsupported' | 'waiting_on_provider'>(kind: K) =>
  fc.record({ kind: fc.constant(kind), verb: mutation, token, answer });

export const unconfirmed = fc.record({ kind: fc.constant('unconfirmed'), verb: mutation, token, read });

export const refused = fc
  .tuple(mutation, token, refusal)
  .map(([what, of, why]) => ({ kind: 'refused', verb: what, token: of, ...why }) as const);

export const change = fc.oneof(
  changed,
  notFound,
  failed,
  answered('unsupported'),
  answered('waiting_on_provider'),
  unconfirmed,
  refused,
);
