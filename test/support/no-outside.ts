import childProcess, { ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { afterAll, afterEach } from 'vitest';

/**
 * The setup of the unit kind: what opens a socket or starts a process throws at that place, and fails its test even
 * when the code under test has caught it (as every HTTP client of ours does, to call it "unavailable").
 */
const touched: string[] = [];

shut('listens on a socket', net.Server.prototype, 'listen');
shut('connects a socket', net.Socket.prototype, 'connect');
shut('binds a socket', dgram.Socket.prototype, 'bind');
shut('sends a datagram', dgram.Socket.prototype, 'send');
shut('starts a process', ChildProcess.prototype, 'spawn');
for (const name of ['spawnSync', 'execSync', 'execFileSync']) shut('starts a process', childProcess, name);
syncBuiltinESMExports();

afterEach(complain);
afterAll(complain);

/** What was tried since the last call, in order: for the test of this file, which tries it on purpose. */
export function takeTouched(): string[] {
  return touched.splice(0);
}

function shut(what: string, owner: object, name: string): void {
  const refuse = (): never => {
    touched.push(what);
    throw new Error(`A unit test ${what}: its kind is contract, integration or sandbox (CONTRIBUTING.md).`);
  };
  Object.defineProperty(owner, name, { value: refuse, configurable: true, writable: true });
}

function complain(): void {
  const [first, ...more] = takeTouched();
  if (first !== undefined) throw new Error(`A unit test ${first}, and ${more.length} times more.`);
}
