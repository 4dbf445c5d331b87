import type { MatchReason } from '#shared/providers/match-reason.ts';

/** Explains a match in sentences; the reasons hold no foreign text. */
export function matchWords(reasons: readonly MatchReason[]): string {
  return reasons.map(wordsOf).join(' ');
}

/** A new reason does not compile until it has words. */
function wordsOf(reason: MatchReason): string {
  switch (reason.kind) {
    case 'masked_key':
      return `It alone matches the masked key, by ${reason.characters} secret characters.`;
    case 'few_characters':
      return `The masked key shows ${reason.characters} secret characters, too few among ${reason.among} keys.`;
    case 'proved':
      return PROVED[reason.by];
    case 'first_of':
      return `${reason.count} tokens in all; the first ${reason.kept} are kept.`;
    default:
      return WORDS[reason.kind];
  }
}

const PROVED: Readonly<Record<Extract<MatchReason, { kind: 'proved' }>['by'], string>> = {
  watched: 'Proved: its owner has this very secret watched.',
  issuer: 'Proved: its issuer accepted the leaked secret.',
  scanner: 'Proved: the scanner tried the leaked secret, and it worked.',
};

const WORDS: Readonly<
  Record<Exclude<MatchReason['kind'], 'masked_key' | 'few_characters' | 'proved' | 'first_of'>, string>
> = {
  named: 'The sender named it by its id.',
  own_credential: 'It is the very token that Patrol works with.',
  named_by_issuer: 'It is the only token that its issuer named for the leaked secret.',
  named_but_another:
    "Its issuer accepted the leaked secret and named this token alone, but what the secret tells of itself is another token's, which may be gone already.",
  spells_id: "The leaked key spells this token's id.",
  masked_keys: 'Several masked keys match.',
  spells_another: "Looks forged: the key spells this token's id, but the masked key is another's.",
  claims_agree:
    'Organisation and user of the claims agree, and it alone was created within a minute of the issue that they name.',
  claims_fit_several: 'Organisation and user of the claims agree, and the rest points to more than one token.',
  claims_half:
    'The claims name only the organisation or only the user; it was created within a minute of the issue that they name.',
  claims_untold: 'Its provider does not tell whose it is; the claims agree only on when it was created, or on its id.',
  claims_name: 'The claims name it, and nothing but the claims vouches for that.',
  claims_only_active: 'It is the only active token of the user that the claims name.',
  claims_owner: 'It belongs to the user that the claims name.',
  several_profiles: 'Tokens in several profiles match equally well.',
  refused_by_issuer: 'Looks forged: its issuer refuses the leaked secret, and this token works.',
};
