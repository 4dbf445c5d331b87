import * as z from 'zod';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { fitsGlob } from '#shared/core/fits-glob.ts';
import { type Http, type HttpReply, refusedBy } from '#shared/core/http.ts';
import { Secret } from '#shared/core/secret.ts';

/** A secret scanning alert as GitHub tells it to an administrator. */
export interface GithubAlert {
  readonly secret: Secret;
  /** Somebody, or we, closed it: nothing is asked of us any more. */
  readonly resolved?: true;
  readonly publiclyLeaked?: boolean;
  /** GitHub itself tried the secret, and it worked. */
  readonly verified?: true;
  /** What GitHub calls the kind of secret that it tried: its own name, or an administrator's for a pattern of theirs. */
  readonly secretType?: string;
  readonly path?: string;
  readonly commit?: string;
}

/** Names one alert: `owner/name` and its number, both checked before they become part of a URL. */
export interface AlertRef {
  readonly repository: string;
  readonly number: number;
}

/** An alert that is open, with its secret. */
export interface OpenAlert extends AlertRef {
  readonly secret: Secret;
  /** What GitHub calls the kind of secret, and the alert's page: foreign texts. */
  readonly secretType?: string;
  readonly url?: string;
}

/** Whose open alerts are listed: one repository's, or those of every repository of an organisation. */
export type AlertScope = { readonly repository: string } | { readonly organisation: string };

/** What Patrol does with GitHub over REST. Faults are those of `createHttp`, and `provider_unauthorized`. */
export interface GithubRest {
  /** True where the policy lets Patrol look at this repository's alerts. */
  covers(ref: Pick<AlertRef, 'repository'>): boolean;
  /** Fetches an alert with its secret; `undefined` when GitHub shows us none (404: it is gone, or we may not see it). */
  fetchAlert(ref: AlertRef): Promise<GithubAlert | undefined>;
  /** Closes an alert as revoked. Idempotent. False when GitHub shows us none. */
  closeAlert(ref: AlertRef, comment: string): Promise<boolean>;
  /** Lists all open alerts, page by page; `undefined` when GitHub shows us none (404: no such place, or we may not see it). */
  listOpenAlerts(scope: AlertScope): Promise<readonly OpenAlert[] | undefined>;
  /** Lists the repositories that the token sees, as `owner/name`. */
  listRepositories(): Promise<readonly string[]>;
}

interface GithubRestDeps {
  readonly http: Http;
  /** `https://api.github.com`, or GitHub Enterprise's `https://host/api/v3`. */
  readonly baseUrl: string;
  readonly readToken: () => Promise<Secret>;
  /** `alerts.repositories` of the policy; without it every repository that the token sees. */
  readonly repositories?: readonly string[] | undefined;
}

const REPOSITORY = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;

const alertSchema = z.object({
  secret: z.string().min(1),
  state: z.string().nullish().catch(undefined),
  publicly_leaked: z.boolean().nullish().catch(undefined),
  validity: z.string().nullish().catch(undefined),
  secret_type: z.string().nullish().catch(undefined),
  first_location_detected: z
    .object({ path: z.string().nullish(), commit_sha: z.string().nullish() })
    .nullish()
    .catch(undefined),
});

const stateSchema = z.object({ state: z.string() });
const pageSchema = z.object({ html_url: z.string() });

function pathOf(url = ''): string {
  return URL.canParse(url) ? new URL(url).pathname : '';
}

const listSchema = z.array(z.unknown());
const openSchema = z.object({
  number: z.int().positive(),
  secret: z.string().min(1),
  secret_type_display_name: z.string().nullish().catch(undefined),
  secret_type: z.string().nullish().catch(undefined),
  html_url: z.string().nullish().catch(undefined),
  repository: z.object({ full_name: z.string().regex(REPOSITORY) }).optional(),
});

const PAGE = 100;
/** Ten thousand open alerts; behind these the next day's reading finds those that were closed meanwhile gone. */
const MOST_PAGES = 100;
const ORGANISATION = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** GitHub cuts nothing: a longer comment is refused. */
const COMMENT_CHARACTERS = 280;

/** Where GitHub keeps the alert of a repository that was renamed or moved: by the repository's id, and nowhere else. */
function movedTo(location: string | null, root: string, { number }: AlertRef): URL | undefined {
  if (location === null || !URL.canParse(location, `${root}/`)) return undefined;
  const url = new URL(location, `${root}/`);
  const base = new URL(root);
  const rest = url.pathname.slice(base.pathname.replace(/\/$/, '').length);
  const id = /^\/repositories\/(\d{1,20})\/secret-scanning\/alerts\/(\d{1,16})$/.exec(rest);
  const isSame = url.origin === base.origin && id?.[2] === String(number) && url.search + url.hash === '';
  return isSame ? new URL(`${root}${rest}`) : undefined;
}

/** GitHub says "too often" with 403 as well as with 429. */
function refused(reply: HttpReply, label: string): Fault {
  const { status, headers } = reply;
  const isLimit = status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0');
  return isLimit ? new Fault('provider_rate_limited', `${label}: HTTP 403`, { status }) : refusedBy(reply, label);
}

type CallAt = (url: URL, change?: Readonly<Record<string, string>>, label?: string) => Promise<HttpReply>;

function createCallAt({ http, readToken }: Pick<GithubRestDeps, 'http' | 'readToken'>): CallAt {
  return async (url, change, label) =>
    http({
      label: label ?? `github ${change === undefined ? 'read' : 'close'} alert`,
      method: change === undefined ? 'GET' : 'PATCH',
      url,
      headers: {
        authorization: `Bearer ${(await readToken()).expose()}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        'user-agent': 'patrol',
        ...(change === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(change === undefined ? {} : { body: JSON.stringify(change) }),
      // Sent again after a lost answer it changes nothing.
      isSafe: true,
    });
}

/** Opens GitHub's secret scanning REST API. `alert.url` of a webhook is never followed; URLs are built here. */
export function createGithubRest({ http, baseUrl, readToken, repositories }: GithubRestDeps): GithubRest {
  const callAt = createCallAt({ http, readToken });
  const covers = (repository: string) => repositories?.some((glob) => fitsGlob(glob, repository)) ?? true;
  const coversMoved = async (url: URL): Promise<boolean> => {
    if (repositories === undefined) return true;
    const found = pageSchema.safeParse((await callAt(url)).json).data;
    const [, repository] = /^\/([^/]+\/[^/]+)\/security\//.exec(pathOf(found?.html_url)) ?? [];
    return repository !== undefined && covers(repository);
  };
  const call = async (ref: AlertRef, change?: Readonly<Record<string, string>>) => {
    if (!REPOSITORY.test(ref.repository) || !Number.isSafeInteger(ref.number) || ref.number < 1) {
      throw new Fault('payload_invalid', 'repository or alert number is malformed');
    }
    const root = baseUrl.replace(/\/+$/, '');
    const reply = await callAt(new URL(`${root}/repos/${ref.repository}/secret-scanning/alerts/${ref.number}`), change);
    const moved =
      reply.status >= 301 && reply.status <= 308 ? movedTo(reply.headers.get('location'), root, ref) : undefined;
    if (moved === undefined) return reply;
    // Moved out of the repositories that the policy names it is as if GitHub did not show it.
    return (await coversMoved(moved)) ? callAt(moved, change) : { ...reply, status: 404 };
  };
  /** GitHub refuses (400) to close an alert that is closed: a fresh read tells whether that is why. */
  const isResolved = async (ref: AlertRef): Promise<boolean> => {
    const reply = await call(ref);
    return reply.status === 200 && stateSchema.safeParse(reply.json).data?.state === 'resolved';
  };
  return {
    covers: ({ repository }) => covers(repository),
    fetchAlert: async (ref) => {
      const reply = await call(ref);
      if (reply.status === 404) return undefined;
      const parsed = reply.status === 200 ? alertSchema.safeParse(reply.json) : undefined;
      if (parsed?.success !== true) throw refused(reply, 'github read alert');
      const { secret, secret_type, state, publicly_leaked, validity, first_location_detected: first } = parsed.data;
      return {
        secret: new Secret(secret),
        ...(state === 'resolved' ? { resolved: true as const } : {}),
        ...(typeof publicly_leaked === 'boolean' ? { publiclyLeaked: publicly_leaked } : {}),
        ...(validity === 'active' ? { verified: true as const } : {}),
        ...(secret_type ? { secretType: secret_type } : {}),
        ...(first?.path ? { path: first.path } : {}),
        ...(first?.commit_sha ? { commit: first.commit_sha } : {}),
      };
    },
    closeAlert: async (ref, comment) => {
      const resolution_comment = comment.slice(0, COMMENT_CHARACTERS);
      const reply = await call(ref, { state: 'resolved', resolution: 'revoked', resolution_comment });
      if (reply.status === 404) return false;
      if (reply.status === 200 || (reply.status === 400 && (await isResolved(ref)))) return true;
      throw refused(reply, 'github close alert');
    },
    listOpenAlerts: (scope) => listOpenAlerts(callAt, baseUrl.replace(/\/+$/, ''), scope),
    listRepositories: () => listRepositories(callAt, baseUrl.replace(/\/+$/, '')),
  };
}

const repositorySchema = z.object({ full_name: z.string().regex(REPOSITORY) });

/** By https://docs.github.com/en/rest/repos/repos#list-repositories-for-the-authenticated-user. */
async function listRepositories(callAt: CallAt, root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const reply = await callAt(
      new URL(`${root}/user/repos?per_page=${PAGE}&page=${page}`),
      undefined,
      LIST_REPOSITORIES,
    );
    const parsed = reply.status === 200 ? listSchema.safeParse(reply.json) : undefined;
    if (parsed?.success !== true) throw refused(reply, LIST_REPOSITORIES);
    found.push(...parsed.data.flatMap((one) => repositorySchema.safeParse(one).data?.full_name ?? []));
    if (parsed.data.length < PAGE) break;
  }
  return found;
}

const LIST = 'github list alerts';
const LIST_REPOSITORIES = 'github list repositories';

async function listOpenAlerts(
  callAt: CallAt,
  root: string,
  scope: AlertScope,
): Promise<readonly OpenAlert[] | undefined> {
  const found: OpenAlert[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const url = new URL(`${root}${listPath(scope)}?state=open&per_page=${PAGE}&page=${page}`);
    const reply = await callAt(url, undefined, LIST);
    if (reply.status === 404 && page === 1) return undefined;
    const parsed = reply.status === 200 ? listSchema.safeParse(reply.json) : undefined;
    if (parsed?.success !== true) throw refused(reply, LIST);
    found.push(...parsed.data.flatMap((one) => toOpenAlert(one, scope)));
    if (parsed.data.length < PAGE) break;
  }
  return found;
}

function listPath(scope: AlertScope): string {
  const isFit = 'repository' in scope ? REPOSITORY.test(scope.repository) : ORGANISATION.test(scope.organisation);
  if (!isFit) throw new Fault('payload_invalid', 'repository or organisation is malformed');
  return `${'repository' in scope ? `/repos/${scope.repository}` : `/orgs/${scope.organisation}`}/secret-scanning/alerts`;
}

/** One that does not fit hides no other. */
function toOpenAlert(value: unknown, scope: AlertScope): readonly OpenAlert[] {
  const { data } = openSchema.safeParse(value);
  const repository = data?.repository?.full_name ?? ('repository' in scope ? scope.repository : undefined);
  if (data === undefined || repository === undefined) return [];
  const secretType = data.secret_type_display_name ?? data.secret_type ?? undefined;
  const { number, secret, html_url } = data;
  return [{ repository, number, secret: new Secret(secret), ...defined({ secretType, url: html_url ?? undefined }) }];
}
