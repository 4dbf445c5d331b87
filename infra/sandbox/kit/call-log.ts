import { defined } from '#shared/core/defined.ts';
import type { Exchange, Reply } from './exchange.ts';
import type { Call } from './stand-in.ts';

const SECRETS = /lsv2_[a-z]{2}_\w+|eyJ[\w-]+\.[\w.-]+|xox[a-z]-[\w-]+|gh[a-z]_\w+|github_pat_\w+/g;

/** What a stand-in's calls have in common. */
interface CallLogOptions {
  readonly provider: string;
  readonly now: () => Date;
  changes(exchange: Exchange): boolean;
  label?(exchange: Exchange): string;
}

/**
 * Creates the list of a stand-in's calls. One counts as `mutation` only when a change was asked for and answered 2xx;
 * status 0 means that nothing was answered. No secret is kept.
 */
export function createCallLog(options: CallLogOptions) {
  const calls: Call[] = [];
  const pathOf = (exchange: Exchange): string => {
    const query = exchange.query.size > 0 ? `?${exchange.query.toString()}` : '';
    return (options.label?.(exchange) ?? `${exchange.path}${query}`).replace(SECRETS, '[secret]');
  };
  return {
    calls,
    record: (exchange: Exchange, reply?: Reply): void => {
      const { status = 0, signatureValid } = reply ?? {};
      const { 'sandbox-request-id': requestId } = exchange.headers;
      calls.push({
        at: exchange.at.toISOString(),
        milliseconds: options.now().getTime() - exchange.at.getTime(),
        provider: options.provider,
        method: exchange.method,
        path: pathOf(exchange),
        status,
        mutation: reply !== undefined && status < 300 && options.changes(exchange),
        ...defined({ signatureValid }),
        ...(typeof requestId === 'string' && { requestId }),
      });
    },
  };
}
