import type { Reply } from '../reply.ts';
import type { Press } from './press.ts';
import type { SlackContext } from './slack-context.ts';

/** What a modal is filled with: no attempt is kept, since nothing but the window changes. */
export interface ModalDeps extends Pick<SlackContext, 'services' | 'request'> {
  readonly reply: Reply;
}

/** A press that wants a modal; the edge has opened an empty one, unless Slack did not let it. */
export interface ModalPress extends Press {
  readonly viewId: string | undefined;
}
