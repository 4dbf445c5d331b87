import type { VNode } from 'preact';

/** Signs that Slack draws as pictures, by the class that draws them here: not every machine has a font for them. */
const SIGNS: Readonly<Record<string, string>> = {
  '🟢': 'works',
  '⛔': 'stopped',
  '⌛': 'over',
  '🔴': 'danger',
  '✅': 'safe',
  '⏳': 'over',
  '⚪': 'closed',
  '➡️': 'closed',
};
const ANY_SIGN = new RegExp(`(${Object.keys(SIGNS).join('|')})`, 'u');

/** Shows text with Slack's own signs drawn; for ears the words beside them say the same. */
export function SignedText({ text }: { readonly text: string }): VNode {
  return (
    <>
      {text.split(ANY_SIGN).map((part, index) => {
        const sign = SIGNS[part];
        return sign === undefined ? (
          part
        ) : (
          <span key={index} class={`emoji ${sign}`} aria-hidden="true">
            {part}
          </span>
        );
      })}
    </>
  );
}
