/**
 * One fact that explains how sure a match is. Closed: a new one does not compile until it has words. What the evidence is
 * called at a provider is in its own kinds: claims of a signed token, a masked key beside a row.
 */
export type MatchReason =
  /** A trusted sender named the token by its id. */
  | { readonly kind: 'named' }
  /** It is the very credential that Patrol works with. */
  | { readonly kind: 'own_credential' }
  /** The issuer named only this token to whoever showed it the leaked secret. */
  | { readonly kind: 'named_by_issuer' }
  /** As before, and what is known of the secret is another token's: its own may be gone already. */
  | { readonly kind: 'named_but_another' }
  /** The leaked secret spells the token's id. */
  | { readonly kind: 'spells_id' }
  /** So many secret characters of the masked key agree, and no other row's do. */
  | { readonly kind: 'masked_key'; readonly characters: number }
  | { readonly kind: 'masked_keys' }
  | { readonly kind: 'few_characters'; readonly characters: number; readonly among: number }
  /** The secret spells this token's id, but its characters are those of another row: somebody made it up. */
  | { readonly kind: 'spells_another' }
  /** Organisation and user of the claims agree, and only this token was made when they say. */
  | { readonly kind: 'claims_agree' }
  /** As before, but more than one token fits the rest. */
  | { readonly kind: 'claims_fit_several' }
  /** The claims name only the organisation or only the user; made when they say. */
  | { readonly kind: 'claims_half' }
  /** The issuer does not tell whose the token is; it was made when the claims say, or is named by them. */
  | { readonly kind: 'claims_untold' }
  /** The claims name the token, and nothing else vouches for them. */
  | { readonly kind: 'claims_name' }
  | { readonly kind: 'claims_only_active' }
  | { readonly kind: 'claims_owner' }
  /** Tokens of several profiles match equally well. */
  | { readonly kind: 'several_profiles' }
  /** The secret is genuine: its owner has it watched, its issuer accepted it, or the scanner tried it. */
  | { readonly kind: 'proved'; readonly by: 'watched' | 'issuer' | 'scanner' }
  /** The issuer refuses the secret, and yet this token works. */
  | { readonly kind: 'refused_by_issuer' }
  /** More candidates than a case keeps. */
  | { readonly kind: 'first_of'; readonly count: number; readonly kept: number };
