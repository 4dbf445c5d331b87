import { FACTS } from '#shared/providers/facts.ts';
import type { Case, CaseReport } from '#shared/store/store.ts';
import { remarkWords } from './remark-words.ts';
import { code, count, escape } from './text.ts';

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

/** Places on the card besides the newest; the thread has all of them. */
const MORE_PLACES = 3;

/** Where it leaked in two lines, for the first look: whether it is public, and the newest place with how many more. */
export function placeLines(kase: Case, showWhere: boolean): string[] {
  const places = showWhere ? placesOf(kase) : [];
  const [newest] = places;
  const rest = places.length - 1;
  return [
    kase.reports.some(({ test }) => test === true) ? 'This is a test message of the scanner.' : undefined,
    publicWords(kase),
    newest === undefined ? undefined : `Found in: ${newest}${rest > 0 ? ` and in ${count(rest, 'other place')}` : ''}`,
  ].filter((line) => line !== undefined);
}

/** Public is what any report has said, and it stays so whatever the newest one says. */
function publicWords({ isPublic, reports }: Case): string | undefined {
  if (isPublic === true || reports.some(({ publiclyLeaked }) => publiclyLeaked === true)) return 'Public: *yes*';
  return reports.at(-1)?.publiclyLeaked === false ? 'Public: no' : undefined;
}

/** All places that the kept reports name, newest first, each once. */
function placesOf({ reports }: Case): readonly string[] {
  return [...new Set(reports.toReversed().flatMap((report) => reportPlace(report) ?? []))];
}

/** The place of one report; foreign text. */
export function reportPlace({ where }: CaseReport): string | undefined {
  const place = [where?.repository, where?.path].filter((part) => part !== undefined && part !== '');
  return place.length === 0 ? undefined : place.map((part) => code(part ?? '', 200)).join(' ');
}

/** What else the newest report tells, and the other places. All of it is foreign text. */
export function whereLines(kase: Case, showWhere: boolean): string[] {
  const { where, detector, note, remarks = [] } = kase.reports.at(-1) ?? {};
  const others = showWhere ? placesOf(kase).slice(1) : [];
  const more = others.length - MORE_PLACES;
  return [
    !showWhere || where?.commit === undefined
      ? undefined
      : `Commit: ${code(where.commit, 60)}${where.author === undefined ? '' : ` by ${code(where.author, 80)}`}`,
    !showWhere || where?.url === undefined ? undefined : `Link: ${linkOrCode(where)}`,
    !showWhere || where?.kind === undefined ? undefined : `Kind of place: ${code(where.kind, 100)}`,
    others.length === 0
      ? undefined
      : `Before that in: ${others.slice(0, MORE_PLACES).join(', ')}${more > 0 ? ` and ${count(more, 'other place')}, all in the thread` : ''}`,
    detector === undefined ? undefined : `Detector: ${code(detector)}`,
    ...remarks.map(remarkWords),
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
