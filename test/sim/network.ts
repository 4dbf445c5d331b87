import type { Outage, FaultProfile } from './fault-profile.ts';
import type { World } from './world.ts';

/** A request as it arrives at a neighbour. */
export interface SimRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** When it was sent: it may arrive when whoever sent it has long given up. */
  readonly sentAt: number;
}

export interface SimReply {
  readonly status: number;
  readonly json?: unknown;
  /** Instead of JSON. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One neighbour behind a host name. */
export interface Site {
  /** What `faults` calls it. */
  readonly neighbour: string;
  /** A name for chance and trace, without anything that differs between two histories of one seed. */
  readonly nameOf: (request: SimRequest) => string;
  readonly answer: (request: SimRequest) => SimReply;
  /** How it refuses while it is in trouble; `undefined` where that trouble does not touch this request. */
  readonly refuse: (mode: Outage['mode'], request: SimRequest) => SimReply | undefined;
}

const HTML: SimReply = { status: 200, text: '<html><body>We will be right back</body></html>' };

/** As much of a `Response` as anybody reads. */
function toResponse(url: URL, { status, json, text, headers = {} }: SimReply, at: number): Response {
  const body = text ?? (json === undefined ? '' : JSON.stringify(json));
  const bytes = async function* () {
    if (body !== '') yield Buffer.from(body);
  };
  const type = text === undefined ? 'application/json' : 'text/html';
  const response = {
    ok: status >= 200 && status < 300,
    status,
    url: url.href,
    headers: new Headers({ 'content-type': type, date: new Date(at).toUTCString(), ...headers }),
    get body() {
      return bytes();
    },
    text: async () => body,
    json: async () => JSON.parse(body),
    clone: () => response,
  };
  return response as unknown as Response;
}

const lost = () => Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
const tooLate = () => Object.assign(new Error('The operation was aborted due to timeout'), { name: 'TimeoutError' });

/** Waits for work no longer than so; what becomes of it then is nobody's business. */
async function within<T>(world: World, milliseconds: number, work: () => Promise<T>): Promise<T> {
  let callOff: () => void = () => undefined;
  const cut = new Promise<never>((_, reject) => {
    callOff = world.later(milliseconds, () => reject(tooLate()));
  });
  return Promise.race([work(), cut]).finally(callOff);
}

/** A time-out that the world's own clock measures: `network` looks at it, nobody has to wait for it. */
interface Deadline {
  readonly aborted: boolean;
  readonly deadline: number;
}

/** What stands in for `AbortSignal.timeout` while a history runs. */
export const createTimeouts = (world: World) => (milliseconds: number) =>
  ({
    aborted: false,
    deadline: world.now() + milliseconds,
    addEventListener: () => {},
    removeEventListener: () => {},
  }) as unknown as AbortSignal;

/** Makes the `fetch` of a world: whatever is not a known site does not exist. */
export function createNetwork(world: World, faults: FaultProfile, sites: Readonly<Record<string, Site>>): typeof fetch {
  const breakDown = (request: SimRequest, site: Site): SimReply => {
    const roll = world.chance.draw(`breakdown ${site.neighbour}`);
    const mode = roll < 0.4 ? '500' : roll < 0.55 ? '429' : roll < 0.65 ? 'html' : 'down';
    const refusal = mode === 'down' ? undefined : mode === 'html' ? HTML : site.refuse(mode, request);
    if (refusal === undefined) throw lost();
    return refusal;
  };
  const tellOutage = ({ neighbour }: Site, mode: Outage['mode']): void => {
    world.occur(`${neighbour} is asked during an outage (${mode})`);
    if (faults.isLong(neighbour, world.now())) world.occur(`${neighbour} is asked during an outage of half an hour`);
  };
  const call = (site: Site, request: SimRequest): Promise<SimReply> => {
    const mode = faults.outageOf(site.neighbour, world.now());
    if (mode !== undefined && mode !== 'hang') tellOutage(site, mode);
    return world.effect<SimReply>({
      neighbour: site.neighbour,
      name: site.nameOf(request),
      work: () => {
        const refusal =
          mode === undefined || mode === 'down' ? undefined : mode === 'html' ? HTML : site.refuse(mode, request);
        return refusal ?? site.answer(request);
      },
      unanswered: (when) => {
        if (when === 'after') throw lost();
        return breakDown(request, site);
      },
    });
  };
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const site = sites[url.host];
    if (site === undefined) throw lost();
    const { deadline = Number.POSITIVE_INFINITY } = (init.signal ?? {}) as Partial<Deadline>;
    const headers = Object.fromEntries(new Headers(init.headers));
    const request = {
      method: init.method ?? 'GET',
      url,
      headers,
      body: typeof init.body === 'string' ? init.body : '',
      sentAt: world.now(),
    };
    const isHanging = faults.outageOf(site.neighbour, world.now()) === 'hang';
    if (isHanging) tellOutage(site, 'hang');
    const reply = await within(world, Math.min(deadline - world.now(), 300_000), () =>
      isHanging ? new Promise<never>(() => undefined) : call(site, request),
    );
    return toResponse(url, reply, world.now());
  };
}
