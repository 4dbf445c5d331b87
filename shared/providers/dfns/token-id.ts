/**
 * What the id of a Dfns token looks like. Documented is `to-` with groups of 5, 5 and 14 to 16 characters, at most 64 in
 * all; older ones have other groups.
 */
export const TOKEN_ID = /^to-[a-z0-9][a-z0-9-]{2,60}$/i;
