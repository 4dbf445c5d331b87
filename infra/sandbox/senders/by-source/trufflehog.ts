import { type Leak, place, scannerWords } from '../sender.ts';
import { standardWebhook } from '../standard-webhook.ts';

/** One line of `trufflehog --json`. */
function trufflehogLine(leak: Leak): string {
  const { repository, path, commit, author, url } = place(leak);
  const detector = scannerWords(leak).trufflehog;
  return JSON.stringify({
    SourceMetadata: {
      Data: {
        Github: {
          link: url,
          repository: `https://github.com/${repository}.git`,
          commit,
          email: author,
          file: path,
          timestamp: '2026-11-22 12:00:00 +0000',
          line: 3,
        },
      },
    },
    SourceID: 1,
    SourceType: 7,
    SourceName: 'trufflehog - github',
    DetectorType: detector.type,
    DetectorName: detector.name,
    DetectorDescription: 'A token of a service.',
    DecoderName: 'PLAIN',
    Verified: detector.verified,
    VerificationFromCache: false,
    Raw: leak.secret,
    RawV2: '',
    Redacted: '',
    ExtraData: null,
    StructuredData: null,
  });
}

/** A CI job that posts TruffleHog's lines. */
export const sender = standardWebhook('trufflehog', (leak) => `${trufflehogLine(leak)}\n`, 'application/x-ndjson');
