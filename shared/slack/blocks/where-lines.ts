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

/**
 * Pages that may be linked: a file, a commit or an alert at a host that we know. Any other address, such as one that asks
 * for a consent, is shown as text, to be copied by whoever trusts it.
 */
const LINKED_PAGES: Readonly<Record<string, RegExp>> = {
  'github.com': /^\/[\w.-]+\/[\w.-]+\/(?:blob|commit|security)\//,
  'gitlab.com': /^(?:\/[\w.-]+){2,20}\/-\/(?:blob|commit|security)\//,
  'dashboard.gitguardian.com': /^\/workspace\/\d+\/incidents\//,
};

/** A link whose visible text is its own host, or the address as text where the host is not a known one. */
function linkOrCode({ url }: NonNullable<CaseReport['where']>): string {
  if (url === undefined || !URL.canParse(url)) return code(url ?? '', 300);
  const { protocol, hostname, pathname, search, username, password, port, href } = new URL(url);
  const isPlain = protocol === 'https:' && username === '' && password === '' && port === '' && search === '';
  const isPage = Object.hasOwn(LINKED_PAGES, hostname) && LINKED_PAGES[hostname]?.test(pathname) === true;
  if (!isPlain || !isPage || href.length > 1000 || /[<>|\s`]/.test(href)) return code(url, 300);
  return `<${escape(href)}|open at ${hostname}>`;
}
