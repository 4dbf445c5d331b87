import { leversFor } from '#shared/cases/levers.ts';
import type { CaseVoice } from '#shared/cases/show-case.ts';
import { defined } from '#shared/core/defined.ts';
import type { Case } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { message, section } from './blocks/bricks.ts';
import { caseCard } from './blocks/case-card.ts';
import { caseLogLine } from './blocks/case-words.ts';
import { ownerNotice } from './blocks/owner-notice.ts';
import type { Reply } from './reply.ts';

/** Creates the voice of cases: the card in the security channel, its thread, and the message to the token's owner. */
export function createCaseVoice({
  services,
  reply,
}: {
  readonly services: Services;
  readonly reply: Reply;
}): CaseVoice {
  const { policy } = services;
  return {
    announce: async (kase) => {
      const undo = await canUndo(services, kase);
      const card = caseCard(kase, {
        now: services.now(),
        showWhere: policy.alerts.showWhere,
        levers: await leversFor(services, kase),
        ...defined({ undo }),
      });
      if (kase.message !== undefined) {
        await reply.edit(kase.message, card);
        return kase.message;
      }
      const { channel, ts } = await reply.post({ channel: policy.channels.security }, card);
      return ts === undefined ? undefined : { channel, ts };
    },
    note: async (kase, before) => {
      const line = caseLogLine(before, kase);
      if (kase.message === undefined || line === undefined) return;
      await reply.note(kase.message, message(line, [section(line)]));
    },
    tellOwner: async (kase) => {
      const userId = ownerOf(policy.owners, kase);
      const notice = ownerNotice(kase);
      if (userId === undefined || notice === undefined) return false;
      await reply.tell(userId, notice);
      return true;
    },
  };
}

/** Whether the provider can bring this token back; unknown where its profile cannot be opened now. */
async function canUndo({ providers }: Services, { token }: Case): Promise<boolean | undefined> {
  if (token === undefined) return undefined;
  const provider = await providers.open(token.profile).catch(() => undefined);
  return provider === undefined ? undefined : provider.knows.undo && token.kind === 'pat';
}

/** The Slack user that the policy names for a token's owner, by id, name or e-mail. */
function ownerOf(owners: Readonly<Record<string, string>>, { token }: Case): string | undefined {
  const names = [token?.owner?.id, token?.owner?.name].filter((name) => name !== undefined);
  const known = names.find((name) => Object.hasOwn(owners, name));
  return known === undefined ? undefined : owners[known];
}
