import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { Found, Recogniser } from '../recogniser.ts';
import { matching } from '../text/shape.ts';
import type { Clue } from './clue.ts';
import { sealEnds } from './key-ends.ts';
import { validity } from './validity.ts';
import { TOKEN_ID } from './token-id.ts';

const KEY = /^lsv2_(pt|sk)_([A-Za-z0-9]{32,})(?:_[A-Za-z0-9]+)*$/;
const EXACT_KEY = /^lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}(?![a-z0-9])/i;

/** One spelling for one key: phones capitalise the first letter, and file names grow on its end. */
function canonicalKey(text: string): string {
  const exact = EXACT_KEY.exec(text);
  return exact ? exact[0].toLowerCase() : text.slice(0, 8).toLowerCase() + text.slice(8);
}

/** Spells the first 32 hex digits as a UUID, to be compared with row ids. */
export function spellUuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Reads a key: its kind, and keyed fingerprints of it and of its ends. `undefined` for a fragment. */
function readKey({ shape, text }: Found, fingerprint: Fingerprint): Clue | undefined {
  const match = shape === 'langsmith' ? KEY.exec(text) : undefined;
  if (!match) return undefined;
  const body = match[2] ?? '';
  const prefix = `lsv2_${match[1]}_`;
  return {
    form: 'langsmith',
    provider: 'langsmith',
    kind: match[1] === 'pt' ? 'pat' : 'service-key',
    ...sealEnds(text.slice(prefix.length), fingerprint),
    ...(/^[0-9a-f]{32}/.test(body) && { rowIdFingerprint: fingerprint(spellUuid(body)) }),
    fingerprint: fingerprint(text),
  };
}

/** Recognises LangSmith's keys. */
export const recogniser: Recogniser = {
  shapes: [
    {
      name: 'langsmith',
      // LangSmith's own redactor has 32 and more characters (langsmith-sdk, js/src/anonymizer); 16 also hides most of a fragment.
      unwrapped: matching(/lsv2_(?:pt|sk)_[a-z0-9]{16,}(?:_[a-z0-9]+)*/gi, canonicalKey),
      joined: matching(/lsv2_(?:pt|sk)_(?:[a-z0-9]{32}_[a-z0-9]{10}|[0-9a-f]{32})/gi, canonicalKey, (key) =>
        EXACT_KEY.test(key),
      ),
    },
    // Whoever left the prefix out left out what everybody knows: the rest is the secret.
    { name: 'langsmith-body', unwrapped: matching(/(?<![A-Za-z0-9])[0-9a-f]{32}_[0-9a-f]{10}(?![A-Za-z0-9])/gi) },
    { name: 'langsmith-legacy', unwrapped: matching(/ls__[A-Za-z0-9]{16,}/g) },
  ],
  read: readKey,
  tokenId: TOKEN_ID,
  scannersCallIt: [/lang(?:smith|chain)/],
  validity,
};
