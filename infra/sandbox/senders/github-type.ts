import { type Leak, scannerWords } from './sender.ts';

/** GitHub's own name of the secret's type, or a custom pattern's. */
export const githubType = (leak: Leak): string => scannerWords(leak).github(leak.kind ?? 'pat');
