import type { Remark } from '#shared/core/remark.ts';
import { count, grouped } from './text.ts';

/** What Patrol has to say of a report, as one sentence. */
export function remarkWords(remark: Remark): string {
  switch (remark.kind) {
    case 'places':
      return `Found in ${count(remark.count, 'place')}.`;
    case 'tried':
      return 'The scanner tried it, and it worked.';
    case 'withheld':
      return 'The sender does not hand the secret over in this message.';
    case 'in_unread_record':
      return 'Found in a record that could not be read.';
    case 'unknown_forms':
      return `${count(remark.count, 'finding')} ${remark.count === 1 ? 'is' : 'are'} of no form that we know.`;
    case 'unread_records':
      return `${count(remark.count, 'record')} could not be read.`;
    case 'refused_for_size':
      return `A report of ${grouped(remark.count)} findings was refused: more than ${grouped(remark.most)} findings in one report; send it in parts. None of them was looked for.`;
    case 'never_told':
      return "Found among the sender's open alerts: its message has never arrived here.";
  }
}
