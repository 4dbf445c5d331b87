import type { VNode } from 'preact';

type Sign = 'dot' | 'ring' | 'tick' | 'bar' | 'glass' | 'arrow';

/** Signs that Slack draws as pictures, and how they are drawn here: not every machine has a font for them. */
const SIGNS: Readonly<Record<string, readonly [Sign, colour: string]>> = {
  '🟢': ['dot', 'good'],
  '🔴': ['dot', 'bad'],
  '✅': ['tick', 'good'],
  '⛔': ['bar', 'bad'],
  '⌛': ['glass', 'wait'],
  '⏳': ['glass', 'wait'],
  '⚪': ['ring', 'quiet'],
  '➡️': ['arrow', 'mild'],
};
const ANY_SIGN = new RegExp(`(${Object.keys(SIGNS).join('|')})`, 'u');

/** What is drawn in a square of 16 by 16; white is cut out of the colour. */
const DRAWN: Readonly<Record<Sign, VNode>> = {
  dot: <circle cx="8" cy="8" r="6.5" />,
  ring: <circle class="line" cx="8" cy="8" r="5.5" />,
  tick: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="3" />
      <path class="cut" d="M4 8.5 7 11.5 12 4.5" />
    </>
  ),
  bar: (
    <>
      <circle cx="8" cy="8" r="7" />
      <path class="cut" d="M4 8H12" />
    </>
  ),
  glass: (
    <>
      <path d="M4 2H12C12 6 9 7 9 8 9 9 12 10 12 14H4C4 10 7 9 7 8 7 7 4 6 4 2Z" />
      <path class="line" d="M3 1.5H13M3 14.5H13" />
    </>
  ),
  arrow: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="3" />
      <path class="cut" d="M4 8H11.5M8.5 5 11.5 8 8.5 11" />
    </>
  ),
};

/** Shows text with Slack's own signs drawn; for ears the words beside them say the same. */
export function SignedText({ text }: { readonly text: string }): VNode {
  return (
    <>
      {text.split(ANY_SIGN).map((part, index) => {
        const sign = SIGNS[part];
        return sign === undefined ? (
          part
        ) : (
          <svg key={index} class={`emoji ${sign[1]}`} viewBox="0 0 16 16" aria-hidden="true">
            {DRAWN[sign[0]]}
          </svg>
        );
      })}
    </>
  );
}
