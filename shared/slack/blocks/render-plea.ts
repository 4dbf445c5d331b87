import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { actions, button, context, fitsButton, type Message, message, section, sure } from './bricks.ts';
import { ACTION } from './press.ts';
import { channelName, code, mention, oneOf } from './text.ts';
import { DO, NOT_DONE } from './words.ts';

/** Asks those who may, by name. */
export function renderPlea({ verb, by, line, people }: OutcomeOf<'plea'>): Message {
  const head = `${oneOf(people.map(mention))}: ${mention(by.userId)} asks one of you to ${verb}, and may not do it.`;
  const asked = `Asked for: ${code(line, 400)}`;
  return message(`${head} ${asked} Nothing has been done yet.`, [
    section([`*${head}*`, asked, 'Nothing has been done yet.']),
    actions(
      fitsButton(line)
        ? button({
            text: DO[verb],
            action: ACTION.run,
            value: line,
            style: verb === 'activate' ? 'primary' : 'danger',
            confirm: sure('Run this?', line, 'Run it'),
          })
        : undefined,
    ),
    context('Whoever presses does it in their own name and by their own rights, as if they had typed it.'),
  ]);
}

/** Tells whoever asked where the others were asked. */
export function renderPleaSent({ verb, people, where, isRepeat }: OutcomeOf<'plea_sent'>): Message {
  const who = oneOf(people.map(mention), 'and');
  const head = isRepeat
    ? `${NOT_DONE[verb]}: you have asked ${who} for this within the last hour, and they were not asked twice.`
    : `${NOT_DONE[verb]} yet: ${who} have been asked.`;
  const next = `It stands in ${channelName(where)}, and so does what comes of it.`;
  return message(`${head} ${next}`, [section([`*${head}*`, next])]);
}

/** The button by which whoever was refused asks those who may; nothing where nobody is known, or the line is too long. */
export function pleaButton({ line, people = [] }: OutcomeOf<'denied'>) {
  if (line === undefined || people.length === 0 || !fitsButton(line)) return undefined;
  return actions(button({ text: 'Ask them', action: ACTION.plea, value: line }));
}
