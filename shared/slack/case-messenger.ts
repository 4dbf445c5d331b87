import { cardOf } from '#shared/cases/case-keys.ts';
import { leversFor } from '#shared/cases/levers-for.ts';
import { pastesOf } from '#shared/cases/pastes.ts';
import { needsPerson } from '#shared/cases/needs-person.ts';
import { type AnnounceRollUp, rollUpKey } from '#shared/cases/roll-ups.ts';
import type { CaseMessenger } from '#shared/cases/show-case.ts';
import { defined } from '#shared/core/defined.ts';
import { outwait } from '#shared/core/outwait.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { isFault } from '#shared/core/fault.ts';
import { offeredChanges } from '#shared/policy/offered-changes.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { isDeleteOnly } from '#shared/providers/tells.ts';
import type { Case } from '#shared/store/store.ts';
import { ownerOf } from '#shared/tokens/owner-of.ts';
import type { Services } from '#shared/tokens/services.ts';
import { withPeople } from '#shared/tokens/with-people.ts';
import { type Message, message, section } from './blocks/bricks.ts';
import { caseCard } from './blocks/case-card.ts';
import { caseLogLine } from './blocks/case-words.ts';
import { heldCard } from './blocks/held-card.ts';
import { ownerCall, ownerNotice } from './blocks/owner-notice.ts';
import { rollUpMessage } from './blocks/roll-up-message.ts';
import { callLine, callWords, withCall } from './blocks/wake-words.ts';
import { onlyIfRefused } from './only-if-refused.ts';
import type { Posted, Reply } from './reply.ts';
import { createReporterMessenger } from './reporter-messenger.ts';
import { createSayLoud, findPosted } from './say-loud.ts';

/** Creates what a case says in Slack: the card in the security channel, its thread, and the message to the token's owner. */
export function createCaseMessenger({
  services,
  reply,
}: {
  readonly services: Services;
  readonly reply: Reply;
}): CaseMessenger & { readonly announceRollUp: AnnounceRollUp } {
  const { policy } = services;
  const sayLoud = createSayLoud({ services, reply });
  const tellReporter = createReporterMessenger({ services, reply });
  return {
    announce: async (kase, isBegun = false) => {
      const undo = await canUndo(services, kase);
      const shown = await withOwner(services, kase);
      const plain = caseCard(shown, {
        now: services.now(),
        showWhere: policy.alerts.showWhere,
        levers: await leversFor(services, kase),
        hasOwner: shown.token?.owner?.person !== undefined,
        waitMinutes: policy.alerts.owner.waitMinutes,
        offers: (token, isProved) => offeredChanges(policy, token, isProved),
        ...defined({ undo }),
      });
      const card = withCall(plain, callLine(kase, policy.channels.mention));
      // A card that somebody deleted, or whose channel takes no more words, is said anew.
      if (kase.message !== undefined && (await edited(reply, kase.message, card))) return kase.message;
      return addressOf(await sayLoud({ channel: channelOf(policy, kase), message: card, key: cardOf(kase), isBegun }));
    },
    findCard: async (kase) =>
      addressOf(await findPosted({ services, reply }, { channel: channelOf(policy, kase), key: cardOf(kase) })),
    announceHeld: async (profile, cases, begin) => {
      const { brake } = policy.alerts;
      const plain = heldCard(cases, { profile, now: services.now(), brake, most: policy.limits.bulkMax });
      const card = cases.held.length === 0 ? plain : withCall(plain, callWords(policy.channels.mention));
      const { channels } = policy;
      const key = `held:${profile}:${cases.held[0]?.number ?? cases.last}:${cases.released ?? 0}`;
      await outwait(services, cases.unheard);
      const isOver = cases.held.length === 0;
      const find = async () => addressOf(await findPosted({ services, reply }, { channel: channels.security, key }));
      // Nobody is told that nothing is held back, but who may have been told otherwise by a process that died.
      const known = cases.message ?? (isOver ? await find() : undefined);
      if (known === undefined && isOver) return undefined;
      await begin();
      if (known !== undefined && (await edited(reply, known, card))) return known;
      return addressOf(await sayLoud({ channel: channels.security, message: card, key }));
    },
    announceRollUp: announceRollUp({ services, reply }),
    note: createNote({ services, reply }),
    callOwner: (kase) => callOwner({ services, reply }, kase),
    tellOwner: (kase, isFirst) => tellOwner({ services, reply }, kase, isFirst),
    tellReporters: async (kase) => {
      for (const paste of await pastesOf(services.store.notes, kase)) await tellReporter(paste);
    },
  };
}

/** Creates what logs in a card's thread; where Slack takes no new words there, the admins are told, and it is tried again. */
function createNote(deps: { readonly services: Services; readonly reply: Reply }): CaseMessenger['note'] {
  const { policy } = deps.services;
  const sayLoud = createSayLoud(deps);
  return async (kase, before, isAgain = false) => {
    const line = caseLogLine(before, kase, policy.alerts.showWhere);
    if (kase.message === undefined || line === undefined) return;
    // An edit calls nobody: what has come to need a person only now is called out in the thread.
    const isNews = before !== undefined && !needsPerson(before) && needsPerson(kase);
    const called = isNews ? callLine(kase, policy.channels.mention) : undefined;
    const words = message(line, [section(line), called === undefined ? undefined : section(called)]);
    const { channel, ts: threadTs } = kase.message;
    const key = `line:${kase.id}:${sha256Hex(line).slice(0, 16)}`;
    const insist = () => sayLoud({ channel, threadTs, isQuiet: true, message: words, key });
    if (isAgain) {
      await insist();
      return;
    }
    await deps.reply.note(kase.message, words).catch((error: unknown) => {
      if (!isFault(error, 'slack_rejected')) throw error;
      // A channel without threads has it in itself; one that takes no words at all keeps it from nobody.
      return insist();
    });
  };
}

interface OwnerDeps {
  readonly services: Services;
  readonly reply: Reply;
}

async function callOwner({ services, reply }: OwnerDeps, { token }: Case): Promise<Case['ownerMessage']> {
  const userId = await ownerOf(services, token);
  if (token === undefined || userId === undefined) return undefined;
  // Whoever is gone, or takes no messages, keeps the card from nobody.
  return addressOf(await reply.tell(userId, ownerCall(token)).catch(onlyIfRefused));
}

/** What is gone was put away by its reader. */
async function tellOwner({ services, reply }: OwnerDeps, kase: Case, isFirst: boolean): Promise<Case['ownerMessage']> {
  const { ownerMessage, token } = kase;
  const notice = ownerNotice(kase, services.policy.alerts.owner.waitMinutes);
  if (notice === undefined || ownerMessage === undefined) return ownerMessage;
  if ((await edited(reply, ownerMessage, notice)) || !isFirst) return ownerMessage;
  const userId = await ownerOf(services, token);
  return userId === undefined ? ownerMessage : addressOf(await reply.tell(userId, notice).catch(onlyIfRefused));
}

function announceRollUp(deps: { readonly services: Services; readonly reply: Reply }): AnnounceRollUp {
  const { policy } = deps.services;
  const sayLoud = createSayLoud(deps);
  return async (rollUp, begin) => {
    const words = rollUpMessage(rollUp, policy.alerts.showWhere);
    await outwait(deps.services, rollUp.unheard);
    await begin();
    if (rollUp.message !== undefined && (await edited(deps.reply, rollUp.message, words))) return rollUp.message;
    const to = { channel: policy.channels.security, key: rollUpKey(rollUp.id) };
    const { channel, ts } = await sayLoud({ ...to, message: words });
    return ts === undefined ? undefined : { channel, ts };
  };
}

function addressOf(posted: Posted | undefined): Case['message'] {
  return posted?.ts === undefined ? undefined : { channel: posted.channel, ts: posted.ts };
}

/** Where a case's card goes: its token's profile may have a channel of its own. */
function channelOf({ profiles, channels }: Policy, { token }: Case): string {
  return (token && profiles[token.profile]?.channel) ?? channels.security;
}

/** Edits a message; false where Slack refuses that for good. */
async function edited(reply: Reply, at: NonNullable<Case['message']>, card: Message): Promise<boolean> {
  try {
    await reply.edit(at, card);
    return true;
  } catch (error) {
    if (!isFault(error, 'slack_rejected')) throw error;
    return false;
  }
}

/** The case with its token's owner as the person in Slack, where one is known. */
async function withOwner(services: Services, kase: Case): Promise<Case> {
  const [token] = await withPeople(services, kase.token === undefined ? [] : [kase.token]);
  return token === undefined ? kase : { ...kase, token };
}

/** Whether the provider can bring this token back; unknown where its profile cannot be opened now. */
async function canUndo({ providers }: Services, { token }: Case): Promise<boolean | undefined> {
  if (token === undefined) return undefined;
  const provider = await providers.open(token.profile).catch(() => undefined);
  return provider === undefined ? undefined : provider.knows.undo && !isDeleteOnly(token);
}
