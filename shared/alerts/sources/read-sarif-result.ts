import * as s from '#shared/core/schema.ts';
import { given } from '#shared/core/defined.ts';
import { rawTexts, text } from '../read-records.ts';
import type { Finding } from '../source.ts';

const logSchema = s.object({ runs: s.array(s.object({ results: s.array(s.unknown) }), { least: 1 }) });

const placeSchema = s.object({
  physicalLocation: s.object({
    artifactLocation: s.lenient(s.object({ uri: text })),
    region: s.lenient(s.object({ snippet: s.lenient(s.object({ text })) })),
  }),
});

const resultSchema = s.object({
  ruleId: s.string,
  locations: s.array(placeSchema, { least: 1 }),
  partialFingerprints: s.lenient(s.object({ commitSha: text, email: text })),
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
