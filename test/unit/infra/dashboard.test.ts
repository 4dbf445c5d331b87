import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { FIGURES } from '#shared/telemetry/figures.ts';

interface Widget {
  readonly x: number;
  readonly y: number;
  readonly properties: { readonly title: string; readonly metrics: readonly (readonly unknown[])[] };
}

const text = readFileSync(new URL('../../../infra/alarms.yml', import.meta.url), 'utf8');
const { Resources } = parse(text, { logLevel: 'silent' }) as {
  readonly Resources: Readonly<Record<string, { readonly Properties: { readonly DashboardBody?: string } }>>;
};
const { widgets } = JSON.parse(Resources['Dashboard']?.Properties.DashboardBody ?? '') as {
  readonly widgets: readonly Widget[];
};

/** What a search in a widget asks for: the figure, and by what it is told apart. */
const searched = widgets.flatMap(({ properties }) =>
  properties.metrics.flatMap(([metric]) => {
    const { expression = '' } = (typeof metric === 'object' ? metric : {}) as { readonly expression?: string };
    const found = /^SEARCH\('\{Patrol\/\$\{sls:stage\},([\w,]+)\} MetricName="(\w+)"', 'Sum', 300\)$/.exec(expression);
    if (expression !== '' && found === null) throw new Error(`not understood: ${expression}`);
    return found === null ? [] : [{ name: found[2] ?? '', by: found[1] ?? '' }];
  }),
);

it('shows every figure of the log by source, outcome, provider and fault, as the log tells it apart', () => {
  const written = Object.values(FIGURES).map(({ name, by }) => ({ name, by: by.map((names) => names.join(',')) }));
  for (const { name, by } of searched) expect(written.find((one) => one.name === name)?.by).toContain(by);
  expect(new Set(searched.map(({ name }) => name))).toEqual(new Set(written.map(({ name }) => name)));
});

it('puts no widget over another', () => {
  expect(new Set(widgets.map(({ x, y }) => `${x}:${y}`)).size).toBe(widgets.length);
});
