import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FIGURES } from '#shared/telemetry/figures.ts';
import { createLog, type LogFields } from '#shared/telemetry/log.ts';

function written(fields: LogFields, stage?: string) {
  const lines: string[] = [];
  createLog(
    { function: 'alert-worker', stage },
    (line) => lines.push(line),
    () => new Date(1000),
  )('info', fields);
  return JSON.parse(lines[0]!) as Record<string, any>;
}

it('makes a figure of the line itself, told apart by what the line has', () => {
  const line = written({ event: 'leak_handled', source: 'github', result: 'dead' }, 'prod');
  expect(line).toEqual({
    at: '1970-01-01T00:00:01.000Z',
    level: 'info',
    function: 'alert-worker',
    event: 'leak_handled',
    source: 'github',
    result: 'dead',
    LeaksHandled: 1,
    _aws: {
      Timestamp: 1000,
      CloudWatchMetrics: [
        {
          Namespace: 'Patrol/prod',
          // Not by provider: nobody knows whose token it is.
          Dimensions: [['source', 'result']],
          Metrics: [{ Name: 'LeaksHandled', Unit: 'Count' }],
        },
      ],
    },
  });
  const known = written({ event: 'leak_handled', source: 'github', result: 'dead', provider: 'dfns' }, 'prod');
  expect(known['_aws'].CloudWatchMetrics[0].Dimensions).toEqual([
    ['source', 'result'],
    ['provider', 'result'],
  ]);
});

it('makes none of a line that is no figure, of a stranger’s event, or without a stage', () => {
  expect(written({ event: 'said', kind: 'post' }, 'prod')).not.toHaveProperty('_aws');
  expect(written({ event: 'constructor' }, 'prod')).not.toHaveProperty('_aws');
  expect(written({ event: 'leak_handled', source: 'github', result: 'dead' })).not.toHaveProperty('_aws');
});

it('has source, outcome, provider and fault as dimensions, each in docs/LOGGING.md', () => {
  const page = readFileSync(new URL('../../../docs/LOGGING.md', import.meta.url), 'utf8');
  const rows = Object.entries(FIGURES);
  const dimensions = new Set(rows.flatMap(([, { by }]) => by.flat()));
  for (const name of ['source', 'result', 'provider', 'fault'] as const) expect(dimensions).toContain(name);
  for (const [event, { name, by }] of rows) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``));
    expect(row, name).toContain(`\`${event}\``);
    for (const dimension of by.flat()) expect(row, name).toContain(dimension);
  }
});
