import { createPublicKey, verify } from 'node:crypto';
import * as s from '#shared/core/schema.ts';
import { given } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { single } from '#shared/core/read-http-request.ts';
import { parseJson } from '../parse-json.ts';
import { rawTexts, readRecords, text } from '../read-records.ts';
import type { Finding, Source } from '../source.ts';
import type { PartnerKeys } from '../verify/partner-keys.ts';

const recordSchema = s.object({
  token: s.atLeast(1),
  type: s.atMost(200),
  url: text,
  source: text,
});

function readRecord(record: unknown): Finding | undefined {
  const parsed = recordSchema.safeParse(record);
  if (!parsed.success) return undefined;
  const { token, type, url, source } = parsed.data;
  return {
    ...rawTexts({ secret: token }),
    detector: type,
    where: given({ url, kind: source }),
    // Only code that is public, or packages, are reported to partners.
    publiclyLeaked: true,
  };
}

/**
 * GitHub's secret scanning partner programme: secrets in clear, signed with ECDSA P-256 by a published key. The answer
 * labels each, named by its hash, so that the secret is not sent back.
 */
export function createGithubPartner(keys: PartnerKeys): Source {
  return {
    name: 'github-partner',
    routes: [{ method: 'POST', path: 'github-partner' }],
    needs: 'none',
    verify: async (request) => {
      const identifier = single(request, 'github-public-key-identifier');
      const signature = single(request, 'github-public-key-signature');
      const bytes = Buffer.from(signature, 'base64');
      // One signature has one spelling: without padding, or with blanks in it, it is not GitHub's.
      if (!/^[0-9a-f]{64}$/.test(identifier) || bytes.toString('base64') !== signature) {
        throw new Fault('signature_invalid', 'key identifier or signature is malformed');
      }
      const key = createPublicKey(await keys(identifier));
      const isCurve = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
      if (!isCurve) throw new Fault('keys_unavailable', 'the published key is not on P-256');
      if (!verify('sha256', request.body, key, bytes)) {
        throw new Fault('signature_invalid', 'the signature does not match');
      }
    },
    read: (request) => {
      const records = parseJson(request.body);
      if (!Array.isArray(records)) throw new Fault('payload_invalid', 'body is not a list');
      return readRecords(records, readRecord);
    },
    answer: (verdicts) => ({
      status: 200,
      body: verdicts.flatMap(({ finding, recognised }) =>
        finding.secret === undefined
          ? []
          : [
              {
                token_hash: sha256Hex(finding.secret.expose()),
                token_type: finding.detector,
                label: recognised ? 'true_positive' : 'false_positive',
              },
            ],
      ),
    }),
  };
}
