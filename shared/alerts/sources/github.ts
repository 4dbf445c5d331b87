import * as s from '#shared/core/schema.ts';
import { given } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { decodeText, parseJsonText } from '../parse-json.ts';
import { text, unreadable } from '../read-records.ts';
import type { AlertRequest, Reading, SenderSetup, SourceWithSecret } from '../source.ts';
import { verifyHubSignature } from '../verify/verify-hub-signature.ts';

const SCHEME = { header: 'x-hub-signature-256', prefix: 'sha256=' } as const;

/** What says that a secret is out there, or out there again. Our own closing of an alert comes back as `resolved`. */
const LEAKS = new Set(['created', 'reopened', 'publicly_leaked', 'validated']);

/** `owner/name` as GitHub allows it; it becomes part of a URL. */
const REPOSITORY = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,63})\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;

const deliverySchema = s.object({
  action: s.string,
  alert: s.object({
    number: s.refine(s.number, (number) => Number.isSafeInteger(number) && number > 0),
    html_url: text,
    secret_type: text,
    secret_type_display_name: text,
    publicly_leaked: s.lenient(s.boolean),
    validity: text,
    // Neither is in GitHub's schema; its own example has one.
    rule: s.unknown,
    dependency: s.unknown,
  }),
  // Of a `secret_scanning_alert_location` event: one more place of the alert.
  location: s.lenient(s.object({ details: s.lenient(s.record(s.unknown)) })),
  // What other events are about: an `issues` delivery is no alert, whatever the header that nobody signs calls it.
  issue: s.nullish(s.absent),
  pull_request: s.nullish(s.absent),
  comment: s.nullish(s.absent),
  repository: s.object({ full_name: s.matching(REPOSITORY) }),
});

/** The one form that a hook sends. */
const FORM = /^payload=[^&]*$/;

/** A hook sends JSON or a form with the JSON in `payload`, as it was set up; the signature is over the raw form. */
function readBody(request: AlertRequest): unknown {
  const body = decodeText(request.body);
  const isForm = request.headers.get('content-type')?.[0]?.startsWith('application/x-www-form-urlencoded') === true;
  // The type is not signed: the text itself must be what it says, so that no JSON is read as a form.
  if (isForm !== FORM.test(body)) throw new Fault('payload_invalid', 'body is not what its content-type says');
  return parseJsonText(isForm ? (new URLSearchParams(body).get('payload') ?? '') : body);
}

/** A field that is null says as little as one that is not there. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

/** What GitHub's other events of such an action are about: whatever the header that nobody signs calls them. */
const OTHERS = [
  ...['issue', 'pull_request', 'comment', 'discussion', 'review', 'label', 'milestone', 'release', 'deployment'],
  ...['deployment_status', 'check_run', 'check_suite', 'workflow_job', 'workflow_run', 'ref', 'key', 'starred_at'],
  ...['team', 'member', 'project', 'project_card', 'project_column', 'projects_v2', 'projects_v2_item', 'sponsorship'],
  ...['rule', 'repository_ruleset', 'marketplace_purchase', 'registry_package', 'package', 'forkee', 'hook', 'zen'],
] as const;

/** True for what says of itself that a secret is out, whatever else does not fit. */
function isLeak(body: object): boolean {
  const action: unknown = Reflect.get(body, 'action');
  const told = (name: string): unknown => (Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined);
  if (OTHERS.some((other) => !isNothing(told(other)))) return false;
  return typeof action === 'string' ? LEAKS.has(action) : Object.hasOwn(body, 'alert');
}

/** Where a place is that is no file: an issue's, a pull request's or a comment's address. */
function placeUrl(details: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof details['path'] === 'string') return undefined;
  return Object.entries(details).flatMap(([name, value]) =>
    name.endsWith('_url') && typeof value === 'string' ? [value] : [],
  )[0];
}

/**
 * Reads a secret scanning alert: only its place is told here. The secret is fetched by the worker, and never taken from the
 * webhook, where place and secret could be of two alerts.
 */
export function readGithubAlert(body: unknown): Reading {
  if (typeof body !== 'object' || body === null) throw new Fault('payload_invalid', 'body is not an object');
  const parsed = deliverySchema.safeParse(body);
  if (!parsed.success) return isLeak(body) ? unreadable(body) : { kind: 'ignored', why: 'not an alert' };
  const { action, alert, repository, location } = parsed.data;
  if (!isNothing(alert.rule) || !isNothing(alert.dependency)) return { kind: 'ignored', why: 'another kind of alert' };
  if (!LEAKS.has(action)) return { kind: 'ignored', why: 'uninteresting action' };
  if (action === 'validated' && alert.validity !== 'active') return { kind: 'ignored', why: 'not valid any more' };
  const details = location?.details ?? {};
  const finding = {
    locator: { kind: 'github', repository: repository.full_name, number: alert.number } as const,
    where: given({
      url: placeUrl(details) ?? alert.html_url,
      repository: repository.full_name,
      path: text.safeParse(details['path']).data,
      commit: text.safeParse(details['commit_sha']).data,
    }),
    ...(location === undefined ? {} : { isPlace: true as const }),
    ...given({ detector: alert.secret_type_display_name ?? alert.secret_type }),
    ...(action === 'publicly_leaked' || alert.publicly_leaked === true ? { publiclyLeaked: true } : {}),
  };
  return { kind: 'findings', findings: [finding], unread: [] };
}

/** What whoever sets it up must know. */
export const githubSetup: SenderSetup = {
  made: 'here',
  form: 'plain',
  where:
    'GitHub: organisation or repository > Settings > Webhooks > Secret; content type application/json; events "Secret scanning alerts" and "Secret scanning alert locations"',
};

/**
 * GitHub's `secret_scanning_alert` and `secret_scanning_alert_location` webhooks. The event's name is not signed; it only decides what is ignored, and a forged
 * one can at most make us look up an alert that GitHub then has to confirm.
 */
export const github: SourceWithSecret = {
  name: 'github',
  isSearched: false,
  routes: [{ method: 'POST', path: 'github' }],
  needs: 'secret',
  verify: (request, keys) => verifyHubSignature(request, keys, SCHEME),
  read: (request) => {
    const body = readBody(request);
    const event = request.headers.get('x-github-event')?.[0];
    if (event !== 'secret_scanning_alert' && event !== 'secret_scanning_alert_location')
      return { kind: 'ignored', why: 'another event' };
    return readGithubAlert(body);
  },
};
