import { FACTS } from '#shared/providers/facts.ts';
import type { Case, CaseReport } from '#shared/store/store.ts';
import { code, escape } from './text.ts';

/** What little is known of a secret that matched no token. */
export function clueLines({ clue }: Case): string[] {
  if (clue === undefined) return [];
  switch (clue.form) {
    case 'named':
      return [
        `The sender named the token ${code(clue.tokenId)}${clue.profile === undefined ? '' : ` in ${code(clue.profile)}`}.`,
      ];
    case 'hashed':
      return clue.hmsl === undefined && clue.fingerprint === undefined
        ? ['The report does not show the secret: look where it was found.']
        : ['The sender gave only a hash; no watched secret has it.'];
    default:
      return FACTS[clue.provider]
        .clueLines(clue)
        .map(({ text, code: piece }) => (piece === undefined ? text : `${text} ${code(piece)}`));
  }
}

/** Where it leaked, as the newest report tells it. All of it is foreign text. */
export function whereLines({ reports }: Case, showWhere: boolean): string[] {
  const latest = reports.at(-1);
  if (latest === undefined) return [];
  const { where, detector, note, publiclyLeaked, test } = latest;
  const place = [where?.repository, where?.path].filter((part) => part !== undefined && part !== '');
  return [
    test === true ? 'This is a test message of the scanner.' : undefined,
    publiclyLeaked === undefined ? undefined : `Public: ${publiclyLeaked ? '*yes*' : 'no'}`,
    !showWhere || place.length === 0 ? undefined : `Found in: ${place.map((part) => code(part ?? '', 200)).join(' ')}`,
    !showWhere || where?.commit === undefined
      ? undefined
      : `Commit: ${code(where.commit, 60)}${where.author === undefined ? '' : ` by ${code(where.author, 80)}`}`,
    !showWhere || where?.url === undefined ? undefined : `Link: ${linkOrCode(where)}`,
    detector === undefined ? undefined : `Detector: ${code(detector)}`,
    note === undefined || note === '' ? undefined : `Note: ${code(note, 300)}`,
  ].filter((line) => line !== undefined);
}

/** Code hosts whose pages may be linked. Any other address is shown as text, to be copied by whoever trusts it. */
const LINKED_HOSTS: ReadonlySet<string> = new Set(['github.com', 'gitlab.com', 'dashboard.gitguardian.com']);

/** A link whose visible text is its own host, or the address as text where the host is not a known one. */
function linkOrCode({ url }: NonNullable<CaseReport['where']>): string {
  if (url === undefined || !URL.canParse(url)) return code(url ?? '', 300);
  const { protocol, hostname, username, password, port, href } = new URL(url);
  const isPlain = protocol === 'https:' && username === '' && password === '' && port === '';
  if (!isPlain || !LINKED_HOSTS.has(hostname) || href.length > 1000 || /[<>|\s`]/.test(href)) return code(url, 300);
  return `<${escape(href)}|open at ${hostname}>`;
}
