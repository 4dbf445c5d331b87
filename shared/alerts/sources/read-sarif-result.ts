import * as z from 'zod/mini';
import { given } from '#shared/core/defined.ts';
import { lenient, rawTexts, text } from '../read-records.ts';
import type { Finding } from '../source.ts';

const logSchema = z.object({ runs: z.array(z.object({ results: z.array(z.unknown()) })).check(z.minLength(1)) });

const placeSchema = z.object({
  physicalLocation: z.object({
    artifactLocation: lenient(z.object({ uri: text })),
    region: lenient(z.object({ snippet: lenient(z.object({ text })) })),
  }),
});

const resultSchema = z.object({
  ruleId: z.string(),
  locations: z.array(placeSchema).check(z.minLength(1)),
  partialFingerprints: lenient(z.object({ commitSha: text, email: text })),
});

/** The results of a SARIF log (OASIS, 2.1.0), each a record of its own; any other value is given back as it is. */
export function sarifResults(value: unknown): readonly unknown[] {
  const parsed = logSchema.safeParse(value);
  return parsed.success ? parsed.data.runs.flatMap(({ results }) => results) : [value];
}

/** Reads one result as gitleaks writes it: the secret is the snippet. `undefined` for another form. */
export function readSarifResult(
  record: unknown,
  unlessRedacted: (found: string) => string | undefined,
): Finding | undefined {
  const parsed = resultSchema.safeParse(record);
  if (!parsed.success) return undefined;
  const { ruleId, locations, partialFingerprints } = parsed.data;
  const { artifactLocation, region } = locations[0]?.physicalLocation ?? {};
  return {
    ...rawTexts({ secret: unlessRedacted(region?.snippet?.text ?? '') }),
    detector: ruleId,
    where: given({
      path: artifactLocation?.uri,
      commit: partialFingerprints?.commitSha,
      author: partialFingerprints?.email,
    }),
  };
}
