import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { breakOff } from '../kit/break-off.ts';
import type { FaultSwitch } from '../kit/stand-in.ts';

/** Misbehaviour in front of an emulated AWS service, in AWS's own error shape. */
export interface FaultGate {
  set(fault: FaultSwitch): void;
  /** Resolves to false when the request is refused, dropped or left hanging; the caller then does nothing more. */
  admit(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Lets everything through again, and drops whatever is still kept waiting: a call of before acts on nothing that comes after. */
  reset(): void;
}

const SLOW_MS = 3000;
const REFUSALS: Readonly<Record<string, readonly [status: number, type: string, message: string]>> = {
  '401': [400, 'UnrecognizedClientException', 'The security token included in the request is invalid.'],
  '429': [400, 'ThrottlingException', 'Rate exceeded'],
  '500': [500, 'InternalServerError', 'The service cannot answer.'],
};

/** Creates a gate that lets everything through until a fault is set. */
export function createFaultGate(sleep: (milliseconds: number) => Promise<unknown> = pause): FaultGate {
  let fault: FaultSwitch = { mode: 'none' };
  let left = Infinity;
  let resets = 0;
  return {
    set: (next) => {
      fault = next;
      left = next.count ?? Infinity;
    },
    admit: async (request, response) => {
      if (fault.mode === 'none' || left <= 0) return true;
      left -= 1;
      const { mode, ms = SLOW_MS } = fault;
      const before = resets;
      if (mode === 'slow') await sleep(ms);
      if (before !== resets) {
        request.socket.destroy();
        return false;
      }
      if (mode === 'half') breakOff(response);
      if (mode === 'slow' || mode === 'half') return true;
      if (mode === 'down') request.socket.destroy();
      if (mode === 'html')
        response.writeHead(502, { 'content-type': 'text/html' }).end('<html><body>502 Bad Gateway</body></html>');
      const refusal = REFUSALS[mode];
      if (refusal !== undefined) {
        const [status, type, message] = refusal;
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(JSON.stringify({ __type: type, message }));
      }
      return false;
    },
    reset: () => {
      resets += 1;
      fault = { mode: 'none' };
    },
  };
}
