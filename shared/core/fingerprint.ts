/** Keyed: the same text gives the same fingerprint, and nothing but the text gives it back. Hexadecimal. */
export type Fingerprint = (text: string) => string;
