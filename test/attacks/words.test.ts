import { expect } from 'vitest';
import type { AuditEntry } from '#shared/store/store.ts';
import { auditFile } from '#shared/slack/blocks/render-audit.ts';
import { whereLines } from '#shared/slack/blocks/where-lines.ts';
import { attack } from '#test/support/attack.ts';
import { entries, leak } from '#test/fixtures/outcomes.ts';

attack(
  {
    name: 'formula-behind-a-semicolon',
    finding: 25,
    does: 'gives a reason that holds a formula behind a semicolon or a blank, and waits for the record to be opened in a spreadsheet',
    holds: 'no cell begins with a formula there either',
    without: [{ file: 'shared/slack/blocks/render-audit.ts', replace: 'rows.map(withoutFormulas)', by: 'rows' }],
  },
  () => {
    const entry: AuditEntry = {
      ...entries[0]!,
      reason: 'left in cab;=HYPERLINK("https://evil.example")',
      tokenName: ' @x',
    };
    expect(auditFile([entry], 'csv')).not.toMatch(/;\s*[=+@-]|,"?\s+[=+@-]/);
  },
);

attack(
  {
    name: 'link-to-a-consent-page',
    finding: 25,
    does: 'reports a leak whose place is a page of GitHub that asks for the consent to an app',
    holds: 'the address is shown as text and links nothing',
    without: [{ file: 'shared/slack/blocks/where-lines.ts', replace: '!isPlain || !isPage ||', by: '' }],
  },
  () => {
    const url = 'https://github.com/login/oauth/authorize?client_id=1&scope=repo';
    const lines = whereLines({ ...leak, reports: [{ ...leak.reports[0]!, where: { url } }] }, true).join('\n');
    expect(lines).toContain(url.split('?')[0]);
    expect(lines).not.toContain('|open at');
  },
);
