import { visibleCases } from '#shared/cases/read-cases.ts';
import { allEnded } from '#shared/core/all-ended.ts';
import { readInventories } from '#shared/hygiene/read-inventories.ts';
import { overviewOf } from '#shared/hygiene/overview.ts';
import { mayApprove } from '#shared/policy/approval-rule.ts';
import { authorise, isDenied } from '#shared/tokens/authorise.ts';
import { describeActor } from '#shared/tokens/commands/describe-actor.ts';
import type { Services } from '#shared/tokens/services.ts';
import { homeView } from '../blocks/home-view.ts';
import type { Reply } from '../reply.ts';
import type { Request } from './request.ts';

/** Publishes a person's App Home: only what that person may see is in it, read afresh. */
export async function onHome(services: Services, reply: Reply, { actor }: Request): Promise<void> {
  const { policy, store } = services;
  const authority = await authorise(services, actor);
  const now = services.now();
  const maySeeCases = !isDenied(authority.may('cases'));
  const [{ inventories, unread }, cases, approvals] = await allEnded([
    readInventories(services, authority.profilesFor('list')),
    maySeeCases
      ? store.cases.list({ open: true, limit: 50 }).then((all) => visibleCases(services, authority, all))
      : [],
    store.approvals.list({ open: true, limit: 50 }),
  ]);
  const { groups } = authority;
  const concerning = approvals.filter(
    ({ order: { requester }, rule, expiresAt }) =>
      expiresAt > now.toISOString() &&
      (requester.userId === actor.userId || mayApprove({ policy, rule, approver: actor, groups, requester }).allowed),
  );
  const view = homeView({
    now,
    overviews: inventories.map((inventory) => overviewOf(inventory, policy.hygiene, now)),
    unread,
    cases,
    approvals: concerning,
    me: describeActor(services, authority),
  });
  await reply.publishHome(actor.userId, view);
}
