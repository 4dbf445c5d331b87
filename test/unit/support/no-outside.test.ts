import { exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer, get } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { takeTouched } from '#test/support/no-outside.ts';

// What is tried here on purpose must not fail these tests; each of them looks for itself.
afterEach(() => takeTouched());

const nowhere = { host: '127.0.0.1', port: 49151 };

describe('a unit test', () => {
  it.each<[string, () => unknown]>([
    ['createServer().listen', () => createServer().listen(0, '127.0.0.1')],
    ['net.connect', () => connect(nowhere)],
    ['http.get', () => get(nowhere)],
    ['dgram bind', () => createSocket('udp4').bind(0, '127.0.0.1')],
    ['spawn', () => spawn('true')],
    ['exec', () => exec('true')],
    ['execFile', () => execFile('true')],
    ['fork', () => fork('nothing.ts')],
    ['spawnSync', () => spawnSync('true')],
    ['execSync', () => execSync('true')],
    ['execFileSync', () => execFileSync('true')],
  ])('cannot %s', (_name, attempt) => {
    expect(attempt).toThrow('A unit test');
    expect(takeTouched()).toHaveLength(1);
  });

  it('cannot fetch, and is found out although the refusal looks like a network error', async () => {
    await expect(fetch('http://127.0.0.1:49151/')).rejects.toThrow('fetch failed');
    expect(takeTouched()).toEqual(['connects a socket']);
  });
});
