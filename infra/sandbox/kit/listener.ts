import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { breakOff } from './break-off.ts';
import { createCallLog } from './call-log.ts';
import type { Exchange, Reply } from './exchange.ts';
import { readBody, serve } from './serve.ts';
import type { StandIn } from './stand-in.ts';
import { createTrouble, type Refuse } from './trouble.ts';

interface ListenerOptions {
  readonly provider: string;
  readonly port?: number | undefined;
  readonly rtt?: number | undefined;
  readonly now?: (() => Date) | undefined;
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
  handle(exchange: Exchange): Reply | Promise<Reply>;
  /** True for a request that asks for a change; a crash point waits for the next of these. */
  changes(exchange: Exchange): boolean;
  readonly refuse: Refuse;
  /** What to record as the path, where the path alone says little. */
  label?(exchange: Exchange): string;
  reset(): void;
}

/** How a call ended: what was answered, and how much of it the caller gets to read. */
interface Ended {
  readonly reply?: Reply;
  readonly read: 'whole' | 'half' | 'nothing' | 'never';
}

function send(response: ServerResponse, reply: Reply): void {
  const json = reply.json === undefined ? undefined : JSON.stringify(reply.json);
  response.writeHead(reply.status, {
    ...(json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...reply.headers,
  });
  response.end(json ?? reply.body);
}

async function readExchange(request: IncomingMessage, at: Date): Promise<Exchange> {
  const [path = '/', search = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const { method = 'GET', headers } = request;
  return { at, method, path, query: new URLSearchParams(search), headers, body: await readBody(request) };
}

/**
 * Starts the HTTP side that every stand-in shares, on 127.0.0.1: records each call, adds the round-trip time, applies the
 * fault switch and the crash points. `reset` keeps the round-trip time, which belongs to the run and not to the state.
 */
export async function startListener(options: ListenerOptions): Promise<StandIn> {
  const { now = () => new Date(), sleep = (milliseconds) => pause(milliseconds) } = options;
  const log = createCallLog({ ...options, now });
  const trouble = createTrouble(options.refuse, sleep);
  let rtt = options.rtt ?? 0;
  let resets = 0;

  const answer = async (exchange: Exchange, isOver: () => boolean): Promise<Ended> => {
    const end = await trouble.meet(exchange);
    if (isOver()) return { read: 'nothing' };
    if (end === 'hang') return { read: 'never' };
    if (end === 'drop') return { read: 'nothing' };
    if (typeof end === 'object') return { reply: end, read: 'whole' };
    const changes = options.changes(exchange);
    if (changes && trouble.strike('before-effect')) return { read: 'nothing' };
    const reply = await options.handle(exchange);
    const isStruck = changes && reply.status < 300 && trouble.strike('after-effect');
    return { reply, read: isStruck ? 'nothing' : (end ?? 'whole') };
  };

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const exchange = await readExchange(request, now());
    // A call that is on its way while everything is reset belongs to what was before, and changes nothing of what is now.
    const before = resets;
    const isOver = () => before !== resets;
    if (rtt > 0) await sleep(rtt);
    const { reply, read } = await answer(exchange, isOver);
    if (!isOver()) log.record(exchange, reply);
    if (read === 'half') breakOff(response);
    if (read === 'nothing') request.socket.destroy();
    else if (reply !== undefined) send(response, reply);
  };

  const { url, close } = await serve((request, response) => {
    receive(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else send(response, { status: 500, body: 'stand-in failed' });
    });
  }, options.port);

  return {
    url,
    calls: log.calls,
    setFault: trouble.setFault,
    setRtt: (milliseconds) => {
      rtt = milliseconds;
    },
    crashNext: trouble.crashNext,
    reset: () => {
      resets += 1;
      log.calls.length = 0;
      trouble.reset();
      options.reset();
    },
    close,
  };
}
