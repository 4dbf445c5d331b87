import { parentPort } from 'node:worker_threads';
import { readBody, serve } from '../kit/serve.ts';
import type { FaultSwitch } from '../kit/stand-in.ts';
import { createFaultGate } from './fault-gate.ts';
import { createTableEngine } from './table-engine.ts';

/** Where the table listens. */
export interface TableThread {
  /** For the functions. */
  readonly url: string;
  /**
   * For the sandbox itself, which passes beside the faults. It takes what DynamoDB takes, and `GET /` tells how often functions
   * called which operation, `PUT /` sets a fault (its switch as JSON), `DELETE /` ends it and drops what it keeps waiting.
   */
  readonly ownUrl: string;
}

const gate = createFaultGate();
const engine = createTableEngine();
const counts = new Map<string, number>();

const outer = await serve((request, response) => {
  const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
  counts.set(operation, (counts.get(operation) ?? 0) + 1);
  void gate.admit(request, response).then((admitted) => admitted && engine(request, response));
});
const own = await serve((request, response) => {
  if (request.method === 'POST') return engine(request, response);
  void readBody(request).then((body) => {
    if (request.method === 'PUT') gate.set(JSON.parse(body.toString('utf8')) as FaultSwitch);
    if (request.method === 'DELETE') gate.reset();
    response.end(JSON.stringify(Object.fromEntries(counts)));
  });
});
parentPort?.postMessage({ url: outer.url, ownUrl: own.url } satisfies TableThread);
