import { STAND_INS } from '../providers/stand-ins.ts';
import { place } from './alert-bodies.ts';
import type { Leak } from './signed-alert.ts';

/** One line of `trufflehog --json`. */
export function trufflehogLine(leak: Leak): string {
  const { repository, path, commit, author, url } = place(leak);
  const detector = STAND_INS[leak.provider].scannerWords.trufflehog;
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

/** TruffleHog Enterprise's notification: at most 20 characters of the secret. */
export function trufflehogNotification(leak: Leak): string {
  const { name } = STAND_INS[leak.provider].scannerWords.trufflehog;
  const { repository, path, commit, author, url } = place(leak);
  return JSON.stringify({
    source_type: 'SOURCE_TYPE_GITHUB',
    source_name: 'github',
    detector_type: name,
    detector_name: name,
    redacted: `${leak.secret.slice(0, 8)}...`,
    link: url,
    source_metadata: { github: { repository, file: path, commit, email: author } },
  });
}
