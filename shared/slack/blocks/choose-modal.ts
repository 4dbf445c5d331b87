import type { types } from '@slack/bolt';
import { MUTATIONS, type Mutation, type Token } from '#shared/core/vocabulary.ts';
import { CHOOSE_CALLBACK, CHOSEN_BLOCK, REASON_BLOCK, VERB_BLOCK } from '../skeleton-modal.ts';
import { fit, plainText, section } from './bricks.ts';
import { LIMITS } from './limits.ts';
import { refOf } from './press.ts';
import { count, plain } from './text.ts';
import { age } from './time.ts';
import { plainName } from './token.ts';
import { DO, STATE } from './words.ts';

/** What a window to choose tokens in is made for. */
interface Choosing {
  readonly now: Date;
  /** How many may be chosen at once (`limits.bulkMax`). */
  readonly most: number;
  /** Where the list stands, in which the answer is given. */
  readonly channel: string | undefined;
}

/**
 * The window in which several tokens of a list are ticked, with what is to be done with them. Nothing is done by it: what was
 * ticked is previewed like a typed request. Tokens whose `profile:id` is too long for an option, and more than an option list
 * takes, are counted and not offered.
 */
export function chooseModal(tokens: readonly Token[], { now, most, channel }: Choosing): types.ModalView {
  const offered = tokens
    .filter((token) => !token.own && refOf(token).length <= LIMITS.chosenValue)
    .slice(0, LIMITS.options);
  const left = tokens.length - offered.length;
  const options = offered.map((token) => ({
    text: plainText(rowText(token, now), LIMITS.optionText),
    value: refOf(token),
  }));
  const blocks = [
    section([
      'Nothing is done yet: what you tick is shown to you first, with what cannot be done, under the same rules as a typed request.',
      left > 0 ? `${count(left, 'token')} of the list cannot be ticked here: narrow the list by filters.` : undefined,
    ]),
    options.length === 0 ? undefined : tokenInput(options, Math.min(most, options.length)),
    options.length === 0 ? section('*No token of this list can be changed.*') : verbInput(),
    options.length === 0 ? undefined : reasonInput(),
  ];
  const form = {
    callback_id: CHOOSE_CALLBACK,
    private_metadata: JSON.stringify({ channel }),
    submit: plainText('Show what would happen', LIMITS.modalTitle),
  };
  return {
    type: 'modal',
    ...(options.length === 0 ? { callback_id: 'patrol:notice' } : form),
    title: plainText('Choose several', LIMITS.modalTitle),
    close: plainText('Leave them', LIMITS.modalTitle),
    blocks: fit(blocks, LIMITS.homeBlocks),
  };
}

/** "ci-deploy · active · 2 years · anna@example.com": as much of it as an option shows. */
function rowText(token: Token, now: Date): string {
  const { createdAt, owner, state } = token;
  const old = createdAt === undefined ? undefined : age(createdAt, now);
  return [
    plainName(token).slice(0, 40),
    STATE[state],
    old,
    plain(owner?.person?.name ?? owner?.name ?? owner?.id ?? '', 40),
  ]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}

function tokenInput(options: types.PlainTextOption[], most: number): types.InputBlock {
  return {
    type: 'input',
    block_id: CHOSEN_BLOCK,
    label: plainText('Tokens', 2000),
    element: { type: 'multi_static_select', action_id: 'tokens', options, max_selected_items: most },
  };
}

function verbInput(): types.InputBlock {
  const options = MUTATIONS.map((verb) => ({ text: plainText(WAYS[verb], LIMITS.optionText), value: verb }));
  const [first] = options;
  return {
    type: 'input',
    block_id: VERB_BLOCK,
    label: plainText('What to do with them', 2000),
    element: { type: 'radio_buttons', action_id: 'verb', options, ...(first && { initial_option: first }) },
  };
}

const WAYS: Readonly<Record<Mutation, string>> = {
  deactivate: `${DO.deactivate}: can be undone`,
  activate: `${DO.activate} again`,
  delete: `${DO.delete} for good`,
};

function reasonInput(): types.InputBlock {
  return {
    type: 'input',
    block_id: REASON_BLOCK,
    optional: true,
    label: plainText('Why?', 2000),
    element: { type: 'plain_text_input', action_id: 'reason', max_length: 500 },
  };
}
