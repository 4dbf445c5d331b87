import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inspectPolicy } from '#shared/policy/check-policy.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');

describe('docs/LOGGING.md', () => {
  const page = read('docs/LOGGING.md');

  it('names every field that a log line may have', () => {
    const fields = [
      ...(/interface LogFields \{([^}]*)\}/.exec(read('shared/telemetry/log.ts'))?.[1] ?? '').matchAll(
        /readonly (\w+)/g,
      ),
    ];
    expect(fields.length).toBeGreaterThan(10);
    for (const [, field = ''] of fields) expect(page).toContain(`\`${field}\``);
  });

  it('names every event that a function logs', () => {
    const code = readdirSync(join(PROJECT, 'functions'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(`functions/${file}`))
      .join('\n');
    const events = [...code.matchAll(/event: (?:\w+ \? )?'([a-z_]+)'(?: : '([a-z_]+)')?/g)].flatMap(
      ([, one, other]) => [one, other],
    );
    expect(events.length).toBeGreaterThan(5);
    for (const event of events) if (event !== undefined) expect(page).toContain(`\`${event}\``);
  });
});

describe('docs/deploy.md', () => {
  it('shows a policy that is one, once the ids are filled in', () => {
    const sample = /```yaml\n([^]*?)```/.exec(read('docs/deploy.md'))?.[1] ?? '';
    const filled = sample.replaceAll(/([TCU])…/g, '$10123456789');
    const merged = { ...(parse(read('infra/policy.yml')) as object), ...(parse(filled) as object) };
    expect(inspectPolicy(merged)).toHaveProperty('policy');
  });

  it('names every alarm of infra/alarms.yml', () => {
    for (const [, name = ''] of read('infra/alarms.yml').matchAll(/AlarmName: patrol-\$\{sls:stage\}-([\w-]+)/g)) {
      expect(read('docs/deploy.md')).toContain(`\`${name}\``);
    }
  });
});
