import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSignAws } from '#shared/core/sign-aws.ts';

const plain = (most: number) => fc.stringMatching(new RegExp(`^[a-zA-Z0-9/+=]{1,${most}}$`));
const request = fc.record({
  service: fc.constantFrom('sqs', 'secretsmanager', 'dynamodb', 'sns'),
  region: fc.constantFrom('eu-central-1', 'us-east-1', 'us-gov-west-1'),
  host: fc.constantFrom('sqs.eu-central-1.amazonaws.com', 'localhost:4566', '127.0.0.1:1'),
  body: fc.string({ unit: 'grapheme', maxLength: 200 }),
  target: plain(60),
  now: fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
  accessKeyId: plain(20),
  secretAccessKey: plain(40),
  sessionToken: fc.option(plain(100), { nil: undefined }),
});

it("signs as AWS's own signer does, also with a key that it has derived before", async () => {
  const sign = createSignAws();
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      const { service, region, host, body, target, now, accessKeyId, secretAccessKey, sessionToken } = given;
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
      const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
      const theirs = await new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: false }).sign(
        { method: 'POST', protocol: 'https:', hostname: host, path: '/', headers: { ...headers, host }, body },
        { signingDate: now },
      );
      for (const _ of ['derived', 'known']) {
        const ours = sign({ host, service, region, headers, body }, credentials, now);
        expect(ours).toEqual({ ...theirs.headers, 'content-length': String(Buffer.byteLength(body)) });
      }
    }),
  );
});
