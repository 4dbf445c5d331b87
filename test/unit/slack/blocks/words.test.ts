import type { types } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { showingLines } from '#shared/slack/blocks/showing-lines.ts';
import { render } from '#shared/slack/blocks/render.ts';
import { caseCard } from '#shared/slack/blocks/case-card.ts';
import { caseLogLine } from '#shared/slack/blocks/case-words.ts';
import { decodeTokens } from '#shared/slack/blocks/press.ts';
import { ownerNotice } from '#shared/slack/blocks/owner-notice.ts';
import { renderHelp } from '#shared/slack/blocks/render-help.ts';
import type { Remark } from '#shared/core/remark.ts';
import { type Token, VERBS } from '#shared/core/vocabulary.ts';
import { isProblem } from '#shared/slack/grammar/problem.ts';
import { parseCommand } from '#shared/slack/grammar/parse-command.ts';
import type { Case, CaseState } from '#shared/store/store.ts';
import {
  approver,
  laptop,
  leak,
  NOW,
  operator,
  pipeline,
  samples,
  unmatched,
  unsure,
} from '#test/fixtures/outcomes.ts';
import { elementsOf, readAloud } from '#test/support/slack-text.ts';

function say(name: string) {
  const outcome = samples[name];
  if (outcome === undefined) throw new Error(`no sample ${name}`);
  return render(outcome, {
    actor: operator,
    now: NOW,
    reason: 'laptop left in cab',
    approvedBy: [approver],
    showWhere: true,
  });
}

const buttonsOf = (message: { readonly blocks: readonly unknown[] }) =>
  elementsOf(message.blocks, 'button').map((button) => (button['text'] as { text: string }).text);

describe('words of success', () => {
  it('are said with a receipt, who asked, who approved, why, and whether it can be undone', () => {
    const message = say('deactivated');
    expect(message.text).toMatch(
      /^Deactivated: `alice laptop`\. Proof: requested <!date.{1,40}\|14:02:07 UTC>, acted <!date.{1,40}\|14:02:11 UTC>, confirmed <!date.{1,70}\|2026-11-22 14:02:12 UTC>\./,
    );
    const words = readAloud(message);
    expect(words).toContain('Asked by <@U0OPERATOR1>. Approved by <@U0APPROVER1>. Reason: `laptop left in cab`.');
    expect(words).toContain(
      'This can be undone, with the button or `/pat activate dfns-demo:to-1a2b3-c4d5e-f6a7b8c9d0e1f2`.',
    );
    expect(buttonsOf(message)).toEqual(['Undo: activate']);
    expect(readAloud(say('deleted'))).toContain('This cannot be undone.');
    expect(buttonsOf(say('deleted'))).toEqual([]);
  });

  it('are said for nothing that a fresh read did not confirm', () => {
    const claims = /^\*?(?:Deactivated|Deleted|Active again)\b/m;
    const proven = ['deactivated', 'deactivated at LangSmith', 'active again', 'deleted', 'bulk done'];
    for (const name of Object.keys(samples)) {
      const { text } = say(name);
      if (!proven.includes(name)) expect(text, name).not.toMatch(claims);
    }
  });

  it('do not claim what was so before', () => {
    expect(say('already inactive').text).toMatch(/^`alice laptop` was already inactive\. Nothing was changed\./);
  });

  it('tell that LangSmith itself may lag', () => {
    expect(say('deactivated at LangSmith').text).toContain('may need a moment');
    expect(say('deactivated').text).not.toContain('may need a moment');
  });
});

describe('words of trouble', () => {
  it.each([
    'not found',
    'unsupported',
    'waiting on provider',
    'unconfirmed',
    'failed, retrying',
    'failed, given up',
    'failed, final',
    'protected token',
  ])('begin with NOT deactivated: %s', (name) => expect(say(name).text).toMatch(/^NOT deactivated/));

  it.each(['waiting on provider', 'unconfirmed', 'failed, retrying', 'failed, given up', 'failed, final'])(
    'tell to treat the token as working: %s',
    (name) => expect(say(name).text).toMatch(/treat it as still working/i),
  );

  it('say what comes next', () => {
    expect(say('failed, retrying').text).toContain('Patrol tries again by itself (attempt 2 failed).');
    expect(buttonsOf(say('failed, retrying'))).toEqual([]);
    expect(say('failed, given up').text).toContain('kept in the dead-letter queue; nothing more happens by itself');
    expect(buttonsOf(say('failed, given up'))).toEqual(['Try again']);
    expect(say('failed, final').text).toContain('`/pat doctor` shows what is wrong with `dfns-demo`');
  });

  it('never turn an unsupported deactivation into a delete', () => {
    expect(readAloud(say('unsupported'))).toContain('Patrol never turns this into a delete');
    expect(buttonsOf(say('unsupported'))).toEqual([]);
  });

  it('do not say what a denied press did to the token, because somebody else may have settled it', () => {
    expect(say('denied, settled').text).toMatch(/^Your press changed nothing:/);
    const settled = { how: 'approved', by: approver, at: '2026-11-22T11:58:03.000Z' } as const;
    const late = render(
      { kind: 'denied', verb: 'delete', why: 'settled', roles: [], settled },
      { actor: operator, now: NOW },
    );
    expect(late.text).toMatch(
      /^Your press changed nothing: this was approved already, by <@U0APPROVER1> <!date.*11:58:03 UTC>\./,
    );
    expect(say('already voted').text).toMatch(
      /^Your press changed nothing: you approved .*2026-11-22 11:58:03 UTC.* already\. One more approval is needed, by somebody else\.$/,
    );
    expect(say('denied, no role').text).toBe(
      'NOT deleted: you may not delete tokens in `dfns-demo`. Ask somebody with the role `admin` or `operator`. `/pat whoami` shows what you may do.',
    );
  });
});

describe('a request that was taken back', () => {
  it('says by whom, and what was therefore not done', () => {
    const outcome = { kind: 'cancelled', verb: 'delete', by: operator, tokens: [laptop] } as const;
    expect(render(outcome, { actor: operator, now: NOW }).text).toBe(
      'Cancelled by <@U0OPERATOR1>: NOT deleted `alice laptop`. Nothing was changed.',
    );
  });
});

describe('a list', () => {
  it('counts, names what could not be read, and can be turned and pressed', () => {
    const message = say('list');
    expect(message.text).toBe(
      '37 of 412 tokens, 3 profiles. 1 could not be read: `dfns-eu` (Dfns does not answer, HTTP 503).',
    );
    expect(buttonsOf(message)).toEqual(['Previous', 'Refresh', 'Choose several…']);
    const [menu] = elementsOf(message.blocks, 'static_select');
    const options = menu?.['options'] as { text: { text: string }; value: string }[];
    expect(options.map(({ text }) => text.text)).toEqual([
      'alice laptop · dfns-demo',
      'ci pipeline · langsmith-demo',
      'patrol · dfns-demo',
    ]);
    expect(decodeTokens(options[0]?.value)).toEqual({ verb: 'show', tokens: [`dfns-demo:${laptop.id}`] });
    expect(readAloud(message)).toContain("Not seen: dfns-demo: only the tokens of the credential's own user.");
  });
});

describe('the table of a list', () => {
  const table = () => {
    const [found] = elementsOf(say('list').blocks, 'data_table');
    return (found as unknown as types.DataTableBlock).rows;
  };

  it('has the state first, then the name, and days that sort as numbers', () => {
    const [head, ...rows] = table();
    expect(head?.map((cell) => 'text' in cell && cell.text)).toEqual([
      'State',
      'Name',
      'Age, days',
      'Last used, days ago',
      'Expires, UTC',
      'Owner',
      'Permissions',
      'Profile',
    ]);
    expect(rows[1]).toEqual([
      { type: 'raw_text', text: '🟢 active' },
      { type: 'raw_text', text: 'ci pipeline' },
      { type: 'raw_number', value: 316, text: '316' },
      { type: 'raw_number', value: 0, text: '0' },
      { type: 'raw_text', text: '2027-01-10' },
      { type: 'raw_text', text: 'bob@example.com' },
      { type: 'raw_text', text: 'Organization Admin' },
      { type: 'raw_text', text: 'langsmith-demo' },
    ]);
  });

  it('marks what Patrol never revokes, says "not told" where nobody tells, and holds no id', () => {
    expect(JSON.stringify(table())).toContain("patrol (Patrol's own, never revoked)");
    expect(table()[1]?.slice(3, 5)).toEqual([
      { type: 'raw_text', text: 'not told' },
      { type: 'raw_text', text: 'not told' },
    ]);
    expect(JSON.stringify(table())).not.toContain(laptop.id);
  });
});

describe('a kill that a person asked for', () => {
  it('shows before the yes what it will do, to what, until when, and what it will not undo', () => {
    const words = readAloud(say('confirm delete'));
    for (const part of [
      'Nothing has been done yet.',
      'This cannot be undone.',
      '1 other person must approve: `approver` or `admin`',
      'alice@example.com',
      '14 months old',
      'Lapses <!date^',
    ]) {
      expect(words).toContain(part);
    }
  });

  it('puts danger style on every button that kills, and a dialog on those that cannot be taken back', () => {
    for (const name of ['confirm delete', 'approval open', 'confirm bulk']) {
      const [first] = elementsOf(say(name).blocks, 'button');
      expect(first?.['style']).toBe('danger');
      expect('confirm' in (first ?? {})).toBe(name !== 'confirm bulk');
    }
  });

  it('always tells who asked, who approved or refused, and when it lapses', () => {
    expect(readAloud(say('approval open'))).toMatch(
      /may <@U0OPERATOR1> delete `alice laptop`\?.*\nMay approve: <@U0APPROVER1> or <@U0ADMIN0001>\.\nAsked by <@U0OPERATOR1>\. .*Answer before <!date[\s\S]*Approved by 0 of 1\.\n[\s\S]*Lapses <!date/,
    );
    expect(buttonsOf(say('approval open'))[0]).toBe('Approve delete');
    expect(readAloud(say('approval refused'))).toContain('Refused by <@U0APPROVER1> (');
    expect(readAloud(say('approval withdrawn'))).toContain('Taken back by <@U0OPERATOR1> (');
    expect(readAloud(say('approval done'))).toContain('Approved by 1 of 1: <@U0APPROVER1> (');
    for (const name of ['approval refused', 'approval lapsed', 'approval withdrawn', 'approval done'])
      expect(buttonsOf(say(name))).toEqual([]);
  });

  it('does not call a broken glass an approval', () => {
    const words = readAloud(say('glass broken'));
    expect(words).toContain('*The glass was broken: <@U0ADMIN0001> went ahead without an approval');
    expect(words).toContain('Approved by 0 of 1.');
  });

  it('says at once when nobody could approve', () => {
    expect(say('no approver').text).toMatch(/^NOT deleted: there is nobody who could approve it\./);
  });

  it('does not say nobody where there is somebody, or where Slack did not tell', () => {
    expect(say('one approver of two').text).toMatch(/2 must approve it, and there is only 1 who could\./);
    expect(say('one approver of two').text).toContain('2 people other than you with the role `admin`');
    expect(say('no approval rule').text).toContain('no approval rule of the policy says by whom');
    const untold = say('approvers in a group that Slack does not tell').text;
    expect(untold).toMatch(/I found nobody who could approve it\..*Slack did not tell who is in a user group/);
  });
});

describe('a bulk request', () => {
  it('has a summary that adds up', () => {
    expect(say('bulk done').text).toBe('15 tokens: 12 deactivated, 1 already inactive, 2 NOT deactivated.');
    expect(say('bulk stopped').text).toBe(
      'Stopped at an error. 15 tokens: 0 deactivated, 1 NOT deactivated, 14 not touched.',
    );
    expect(say('bulk given up').text).toBe(
      'Patrol stopped after 100 attempts. 15 tokens: 12 deactivated, 1 NOT deactivated, 2 not known.',
    );
    expect(say('bulk running').text).toBe('Deactivating 15 tokens: 12 of 15 handled, 0 failed.');
  });
});

describe('a case that is shown once more', () => {
  const link = 'https://sandbox.slack.com/archives/C0SECURITY1/p1';
  const shown = (kase: Case, more: object = {}) =>
    render({ kind: 'case', case: kase, entries: [], ...more }, { actor: operator, now: NOW, levers: [] });

  it('is a copy without buttons where it has a card, and links to that', () => {
    const message = { channel: 'C0SECURITY1', ts: '1.1' };
    for (const kase of [
      { ...leak, message },
      { ...unsure, message },
    ]) {
      expect(buttonsOf(shown(kase, { link }))).toEqual([]);
      expect(readAloud(shown(kase, { link }))).toContain(
        `This is a copy, as of now. What can be done about it is on <${link}|its card>.`,
      );
      expect(readAloud(shown(kase))).toContain('its card in <#C0SECURITY1>');
    }
  });

  it('has its buttons where it has no card of its own', () => {
    expect(buttonsOf(shown({ ...leak, state: 'asking' }))).toContain('Take it');
  });
});

describe('a case card', () => {
  it('says when Patrol itself used the secret, and where, so that the issuer’s log can be read', () => {
    const at = '2026-11-22T14:02:11.000Z';
    const hosts = [
      { host: 'api.smith.langchain.com', answered: true },
      { host: 'eu.api.smith.langchain.com', answered: false },
    ];
    const lines = showingLines({ showings: [{ at, hosts }] });
    expect(lines).toEqual([
      "Patrol showed the secret to `api.smith.langchain.com` at <!date^1795356131^{date_short_pretty} at {time_secs}|2026-11-22 14:02:11 UTC>, once: a use of it there and then is Patrol's.",
      "Patrol tried to show the secret to `eu.api.smith.langchain.com` at <!date^1795356131^{date_short_pretty} at {time_secs}|2026-11-22 14:02:11 UTC> and had no answer: a use of it there and then may be Patrol's.",
    ]);
    expect(showingLines({})).toEqual([]);
  });

  const card = (kase: Case) =>
    caseCard(kase, {
      now: NOW,
      showWhere: true,
      levers: [{ id: 'deactivate-user:us-1', kind: 'dfns.deactivate-user', target: 'us-1' }],
    });

  it.each([
    ['received', ['Take it', 'NOT revoked yet']],
    ['acting', ['Take it', 'Stop the whole user…', 'NOT revoked yet']],
    [
      'asking',
      ['Deactivate', 'Take it', 'Delete', 'Not ours', 'Stop the whole user…', 'NOT revoked: a person must decide'],
    ],
    ['noted', ['Deactivate', 'Take it', 'Delete', 'Not ours', 'Stop the whole user…', 'NOT revoked']],
    ['shadowed', ['Deactivate', 'Take it', 'Delete', 'Not ours', 'Stop the whole user…', 'NOT revoked']],
    ['not_revoked', ['Try again', 'Take it', 'Delete', 'Not ours', 'Stop the whole user…', 'NOT revoked']],
    ['waiting', ['Check again', 'Take it', 'Stop the whole user…', 'NOT revoked yet']],
    ['dead', ['Take it', 'Undo: activate', 'Delete', 'Stop the whole user…', 'Deactivated, confirmed']],
    ['restored', ['Deactivate', 'Take it', 'Delete', 'Stop the whole user…', 'Active again']],
    ['dismissed', ['Reopen', 'Closed as not ours']],
  ] as const)('offers and says in state %s what fits it', (state, expected) => {
    const closed = state === 'dismissed' ? { dismissedBy: { teamId: 'T0SANDBOX01', userId: 'U0ADMIN0001' } } : {};
    const message = card({ ...leak, state, ...closed });
    expect(buttonsOf(message)).toEqual(expected.slice(0, -1));
    expect(message.text).toContain(expected.at(-1));
  });

  it('of a leak that goes on in another case says so, and not that somebody closed it', () => {
    const { text } = card({ ...leak, state: 'dismissed', mergedInto: 'C-ABCDEFGH' });
    expect(text).toContain('Goes on in another case. It goes on in C-ABCDEFGH');
    expect(text).not.toMatch(/not ours|Closing/);
  });

  it('shows the proof, the time to death, the match and the rule', () => {
    const words = readAloud(card(leak));
    for (const part of [
      '2026-11-22 14:02:12 UTC>',
      'Confirmed 5.8 s after the first report.',
      'Match: *strong*. Organisation and user of the claims agree',
      'Rule: `sure` (deactivate)',
      '`acme/app` `config/.env`',
    ]) {
      expect(words).toContain(part);
    }
  });

  it('names no rule that a person has overruled', () => {
    const decision = { action: 'deactivate', rule: 'owner-wait' } as const;
    expect(readAloud(card({ ...leak, decision }))).toContain('Rule: `owner-wait`');
    expect(readAloud(card({ ...leak, decision: { ...decision, overruled: true } }))).not.toContain('Rule:');
  });

  it('says what to do about a secret that matched nothing, and gives a choice where several match', () => {
    expect(card(unmatched).text).toMatch(
      /^Leaked secret that matches no token Patrol can see\. NOT revoked\. Nothing was changed\. Find out whose it is/,
    );
    expect(readAloud(card(unmatched))).toContain('The secret: a LangSmith personal access token.');
    expect(buttonsOf(card(unsure))).toEqual(['Not ours', 'Take it', 'Deactivate', 'Deactivate']);
  });

  it('links only known hosts over https, and shows any other address as text', () => {
    const at = (url: string) =>
      readAloud(card({ ...leak, reports: leak.reports.map((report) => ({ ...report, where: { url } })) }));
    const file = 'https://github.com/acme/app/blob/main/.env#L3';
    expect(at(file)).toContain(`<${file}|open at github.com>`);
    for (const url of [
      'http://github.com/x',
      'https://github.com/acme/app',
      'https://github.com/login/oauth/authorize?client_id=1',
      'https://github.com/login/oauth/blob/authorize?client_id=1',
      'https://github.com.evil.example/',
      'https://user@github.com/',
      'javascript:alert(1)',
      'https://github.com:8443/',
    ]) {
      expect(at(url)).not.toContain('|open at');
    }
  });

  it('hides places where the policy says so', () => {
    expect(readAloud(caseCard(leak, { now: NOW, showWhere: false }))).not.toContain('acme/app');
  });

  it('says in shadow what would have been done, and never offers a kill of our own token', () => {
    expect(readAloud(card({ ...leak, state: 'shadowed', grade: 'proved' }))).toContain(
      'Without shadow, it would have been deactivated.',
    );
    expect(readAloud(card({ ...leak, state: 'shadowed', grade: 'weak' }))).toContain(
      'Without shadow, a person would have been asked.',
    );
    const { token } = leak;
    if (token === undefined) throw new Error('the sample has a token');
    const own = card({ ...leak, state: 'asking', token: { ...token, own: true } });
    expect(buttonsOf(own)).toEqual(['Take it', 'Stop the whole user…']);
    expect(own.text).toMatch(
      /1\. make a new one.*2\. `npm run setup .* --only profiles\/dfns-demo`.*3\. revoke the old one/,
    );
  });

  it('writes a line in the thread for each thing that happened, and none for nothing', () => {
    const line = (after: Partial<Case>, before: Partial<Case> = {}) =>
      caseLogLine({ ...leak, ...before }, { ...leak, ...after }, true);
    expect(line({})).toBeUndefined();
    expect(caseLogLine(undefined, { ...leak, state: 'acting' }, true)).toBe(
      'Reported once by `github` in `acme/app` `config/.env`. Leaked: `alice laptop`. NOT revoked yet: working on it.',
    );
    expect(line({}, { state: 'acting' as CaseState })).toMatch(
      /^Leaked: `alice laptop`\. Deactivated, confirmed\. Proof: requested/,
    );
    expect(line({ count: 2 })).toBe(
      'Reported again by `github` in `acme/app` `config/.env`, 2 reports in all. Nothing was done twice.',
    );
    expect(line({ takenBy: operator })).toBe('Taken by <@U0OPERATOR1>.');
  });

  it('names the person who reported a leak, on the card and in the thread', () => {
    const kase = {
      ...leak,
      reports: leak.reports.map((report) => ({ ...report, source: 'slack', reporter: operator })),
    };
    expect(readAloud(card(kase))).toContain('Reported once by <@U0OPERATOR1>.');
    expect(caseLogLine(undefined, kase, true)).toMatch(/^Reported once by <@U0OPERATOR1> in /);
    expect(caseLogLine(kase, { ...kase, count: 2 }, true)).toMatch(/^Reported again by <@U0OPERATOR1> in /);
  });

  it('says of a second kill that it was one, and not that nothing was done twice', () => {
    const { receipt } = leak;
    if (receipt === undefined) throw new Error('the sample has a receipt');
    const again = { ...leak, count: 2, receipt: { ...receipt, confirmedAt: '2026-11-22T15:00:00.000Z' } };
    const line = caseLogLine(leak, again, true) ?? '';
    expect(line).toMatch(/^It was ALIVE AGAIN although its end was confirmed, and was killed once more\. Proof: /);
    expect(line).toContain('2 reports in all.');
    expect(line).not.toContain('Nothing was done twice');
  });

  it('answers what, where, whose and what now before anything else, with two buttons', () => {
    const STATES = ['asking', 'noted', 'shadowed', 'not_revoked', 'waiting', 'dead', 'restored'] as const;
    for (const state of STATES) {
      const message = card({ ...leak, state, isPublic: true });
      const at = message.blocks.findIndex(({ type }) => type === 'actions');
      const first = readAloud({ ...message, blocks: message.blocks.slice(0, at) });
      for (const fact of ['alice laptop', 'Public: *yes*', '`acme/app`', 'Owner: '])
        expect(first, state).toContain(fact);
      expect(first, state).not.toMatch(/Match:|Rule:|Proof:|Permissions:|Case `/);
      expect(first.length, state).toBeLessThan(700);
      expect(buttonsOf({ ...message, blocks: message.blocks.slice(at, at + 1) }).length, state).toBeLessThanOrEqual(2);
    }
  });

  it('offers nothing that could not work', () => {
    const of = (token: Partial<Token>, more: Partial<Case> = {}) =>
      buttonsOf(card({ ...leak, state: 'asking', token: { ...leak.token!, ...token }, ...more }));
    expect(of({ kind: 'service-key' })).toEqual(['Delete', 'Take it', 'Not ours', 'Stop the whole user…']);
    expect(of({ state: 'expired' })).toEqual(['Delete', 'Take it', 'Not ours', 'Stop the whole user…']);
    const isProtected = { troubles: [{ kind: 'refused', why: 'protected', reason: 'on call' }] } as const;
    expect(of({}, { state: 'not_revoked', ...isProtected })).toEqual(['Take it', 'Not ours', 'Stop the whole user…']);
    expect(of({}, { state: 'not_revoked', grade: 'proved', ...isProtected })).toEqual([
      'Ask to lift the protection',
      'Take it',
      'Not ours…',
      'Stop the whole user…',
    ]);
  });

  it('says who has just brought back what a report would have stopped, and offers to stop it all the same', () => {
    const by = { userId: 'U0OPERATOR1', teamId: 'T0SANDBOX01' };
    const message = card({ ...leak, state: 'asking', troubles: [{ kind: 'refused', why: 'brought_back', by }] });
    expect(message.text).toBe(
      'Leaked: `alice laptop`. NOT revoked: a person must decide. Patrol left it alone: a person had brought it back less than a minute before, and no report undoes that by itself. It was <@U0OPERATOR1>. Nothing was changed. Press Deactivate if it is this one, or Not ours.',
    );
    expect(buttonsOf(message).slice(0, 2)).toEqual(['Deactivate', 'Take it']);
  });

  it('offers no deactivating to whose provider has said that it knows none, and asks for no press of it', () => {
    const told = { kind: 'unsupported', verb: 'deactivate', answer: { status: 404, fact: 'no_revocation' } } as const;
    const message = card({ ...leak, state: 'asking', troubles: [told] });
    expect(buttonsOf(message)).toEqual(['Delete', 'Take it', 'Not ours', 'Stop the whole user…']);
    expect(message.text).toContain('Press Delete if it is this one, or Not ours.');
    expect(message.text).not.toMatch(/Press Deactivate/);
  });

  it('names the owner as one would call them, and the id only where one looks for it', () => {
    const owner = { id: 'us-1a2b3', name: 'alice@example.com' };
    const firstOf = (kase: Case) => readAloud({ ...card(kase), blocks: card(kase).blocks.slice(0, 2) });
    const token = { ...leak.token!, owner };
    expect(firstOf({ ...leak, token })).toContain('Owner: `alice@example.com`\n');
    const known = {
      ...leak,
      token: { ...token, owner: { ...owner, person: { userId: 'U0VIEWER001', name: 'Alice' } } },
    };
    expect(firstOf(known)).toContain('Owner: <@U0VIEWER001>\n');
    expect(firstOf(known)).not.toContain(owner.id);
    expect(readAloud(card(known))).toContain('Owner at Dfns: `Alice` (`alice@example.com`)');
  });

  it("tells a use that was Patrol's own check as its own, and any other as somebody's", () => {
    const checkedAt = '2026-11-22T14:02:08.000Z';
    const used = (lastUsedAt: string) =>
      readAloud(
        card({ ...leak, token: { ...pipeline, lastUsedAt }, validity: { validity: 'valid', by: 'issuer', checkedAt } }),
      );
    expect(used('2026-11-22T14:02:09.000Z')).toContain("last used: 11 seconds ago, by Patrol's own check");
    expect(used('2026-11-22T14:02:15.000Z')).not.toContain("Patrol's own check");
  });

  it('shows by one sign whether it is dangerous, under way, safe or closed', () => {
    const signs = (['asking', 'restored', 'acting', 'waiting', 'dead', 'unsearched'] as const).map(
      (state) => readAloud(card({ ...leak, state })).split(' ')[0],
    );
    expect(signs).toEqual(['🔴', '🔴', '⏳', '⏳', '✅', '🔴']);
  });

  it('asks for a typed reason before it closes what matches for sure', () => {
    for (const grade of ['proved', 'exact'] as const)
      expect(JSON.stringify(card({ ...leak, state: 'asking', grade }).blocks)).toContain('patrol:modal:dismiss');
    for (const grade of ['strong', 'weak'] as const)
      expect(JSON.stringify(card({ ...leak, state: 'asking', grade }).blocks)).toContain('patrol:case:dismiss');
  });

  it.each<[Remark, string]>([
    [{ kind: 'places', count: 3 }, 'Found in 3 places.'],
    [{ kind: 'unknown_forms', count: 1 }, '1 finding is of no form that we know.'],
    [{ kind: 'unread_records', count: 2 }, '2 records could not be read.'],
    [{ kind: 'refused_for_size', count: 5001, most: 5000 }, 'A report of 5,001 findings was refused'],
    [{ kind: 'tried' }, 'The scanner tried it, and it worked.'],
    [{ kind: 'never_told' }, 'its message has never arrived here'],
  ])('says what a report remarks as facts: %j', (remark, words) => {
    const [report] = unmatched.reports;
    expect(readAloud(card({ ...unmatched, reports: [{ ...report!, remarks: [remark] }] }))).toContain(words);
  });

  it('tells the kind of place as the sender calls it, and to those only who may see the place', () => {
    const [report] = unmatched.reports;
    const kase = { ...unmatched, reports: [{ ...report!, where: { kind: 'issue_comment' } }] };
    expect(readAloud(card(kase))).toContain('Kind of place: `issue_comment`');
    expect(readAloud(caseCard(kase, { now: NOW, showWhere: false }))).not.toContain('issue_comment');
  });

  it('names all places, newest first and folded, and stays public once it was', () => {
    const [report] = leak.reports;
    const reports = [1, 2, 3, 4, 5, 6].map((number) => ({
      ...report!,
      key: `k-${number}`,
      where: { repository: `acme/app-${number}` },
      publiclyLeaked: number === 1,
    }));
    const words = readAloud(card({ ...leak, reports, count: 6 }));
    expect(words).toContain('Found in: `acme/app-6` and in 5 other places');
    expect(words).toContain(
      'Before that in: `acme/app-5`, `acme/app-4`, `acme/app-3` and 2 other places, all in the thread',
    );
    expect(words).toContain('Public: *yes*');
    const old = { ...leak, reports: reports.slice(1), isPublic: true };
    expect(readAloud(card(old))).toContain('Public: *yes*');
  });

  it('names whoever pressed, on the card and in the thread', () => {
    const presses = [
      { act: 'undo', by: operator, at: '2026-11-22T14:05:00.000Z' },
      { act: 'reopen', by: approver, at: '2026-11-22T14:06:00.000Z' },
    ] as const;
    expect(readAloud(card({ ...leak, presses }))).toContain(
      'Pressed: Undo by <@U0OPERATOR1>, Reopen by <@U0APPROVER1>.',
    );
    expect(caseLogLine({ ...leak, presses: presses.slice(0, 1) }, { ...leak, presses }, true)).toBe(
      'Pressed: Reopen by <@U0APPROVER1>.',
    );
  });

  it('tells the owner what happened, and does not claim a kill that is not proved', () => {
    expect(ownerNotice(leak, 30)?.text).toBe(
      'Your Dfns token `alice laptop` has leaked. It was deactivated, and a fresh read confirmed it.',
    );
    expect(ownerNotice({ ...leak, state: 'not_revoked' }, 30)?.text).toContain('NOT revoked yet');
    expect(ownerNotice(unmatched, 30)).toBeUndefined();
  });

  it('tells the owner that somebody decides only where nothing is decided', () => {
    const asked = /; that is for the security channel to decide\.$/;
    const told = (more: Partial<Case>) => ownerNotice({ ...leak, ...more }, 30)?.text;
    for (const state of ['asking', 'noted', 'not_revoked'] as const) expect(told({ state })).toMatch(asked);
    for (const state of ['received', 'acting'] as const)
      expect(told({ state })).toMatch(/yet: Patrol goes on with that/);
    expect(told({ state: 'waiting' })).toMatch(/yet: that waits for an approval at Dfns\.$/);
    const failed = { kind: 'failed', next: 'final', fault: 'provider_unavailable', attempt: 1 } as const;
    const planned: Partial<Case> = {
      state: 'not_revoked',
      decision: { action: 'deactivate', rule: 'leaks' },
      troubles: [failed],
      search: { tries: 1, at: '2026-11-22T15:00:00.000Z' },
    };
    expect(told(planned)).toMatch(/yet: Patrol goes on with that by itself\.$/);
  });
});

describe('help', () => {
  it('gives only examples that are understood when they are pasted', () => {
    const examples = { profile: 'dfns-demo' };
    const topics = [undefined, ...VERBS];
    const lines = topics.flatMap((topic) => {
      const message = renderHelp({ kind: 'help', verbs: VERBS, examples, ...(topic === undefined ? {} : { topic }) });
      return [...readAloud(message).matchAll(/`(\/pat [^`]+)`/g)].map(([, line]) => line ?? '');
    });
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines.filter((each) => !each.includes('…'))) {
      const read = parseCommand(line.replace(/^\/pat /, ''), { profiles: ['dfns-demo', 'langsmith-demo'] });
      const isVerbAlone = /^\/pat (?:show|deactivate|activate|delete)$/.test(line);
      if (!isVerbAlone) expect(isProblem(read), `${line}: ${JSON.stringify(read)}`).toBe(false);
    }
  });

  it('shows only what this person may do', () => {
    expect(
      readAloud(render({ kind: 'help', verbs: ['list'], examples: {} }, { actor: operator, now: NOW })),
    ).not.toContain('/pat deactivate');
  });
});
