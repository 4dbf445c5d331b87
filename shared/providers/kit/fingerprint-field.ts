import * as z from 'zod';

/** An id or a claim in a clue. */
export const idText = z.string().max(64);

/** A hash of a secret: 64 hex digits. */
export const fingerprintField = z.string().regex(/^[0-9a-f]{64}$/);
