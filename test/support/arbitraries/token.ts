import fc from 'fast-check';
import {
  type Actor,
  type AnswerFact,
  type FreshRead,
  type Mutation,
  type ProviderAnswer,
  type Receipt,
  type Token,
  VERBS,
} from '#shared/core/vocabulary.ts';
import { foreignText, foreignId, iso, profile } from './text.ts';

export const actor: fc.Arbitrary<Actor> = fc.record(
  {
    enterpriseId: fc.constant('E0SANDBOX01'),
    teamId: fc.constant('T0SANDBOX01'),
    userId: fc.constantFrom('U0ADMIN0001', 'U0OPERATOR1', 'W0APPROVER1'),
    channelId: fc.constantFrom('C0SECURITY1', 'C0GENERAL01'),
  },
  { requiredKeys: ['teamId', 'userId'] },
);

export const token: fc.Arbitrary<Token> = fc.record(
  {
    provider: fc.constantFrom('dfns', 'langsmith'),
    profile,
    id: foreignId,
    name: foreignText,
    kind: fc.constantFrom('pat', 'service-key'),
    state: fc.constantFrom('active', 'inactive', 'expired'),
    owner: fc.record({ id: foreignText, name: foreignText }, { requiredKeys: ['id'] }),
    organizationId: foreignText,
    permissions: fc.array(foreignText, { maxLength: 12 }),
    createdAt: iso,
    lastUsedAt: iso,
    expiresAt: iso,
    deactivatedAt: iso,
    shortKey: foreignText,
    own: fc.boolean(),
  },
  { requiredKeys: ['provider', 'profile', 'id', 'name', 'kind', 'state', 'permissions', 'own'] },
);

export const tokens = fc.array(token, { maxLength: 60, size: 'medium' });

export const mutation = fc.constantFrom<Mutation>('deactivate', 'activate', 'delete');

export const verb = fc.constantFrom(...VERBS);

export const ref = fc.record({ profile, id: foreignId, name: foreignText });

export const roles = fc.array(fc.constantFrom('admin', 'operator', 'approver'), { maxLength: 3 });

export const answer: fc.Arbitrary<ProviderAnswer> = fc.record(
  {
    status: fc.integer({ min: 100, max: 599 }),
    fact: fc.constantFrom<AnswerFact[]>(
      ...([
        'active',
        'inactive',
        'revoked',
        'stopped',
        'so_already',
        'own_attempt',
        'lost',
        'read_agrees',
        'unproved',
      ] as const),
      ...(['waits', 'no_revocation', 'no_switch', 'delete_only'] as const),
    ),
  },
  { requiredKeys: [] },
);

export const read = fc.constantFrom<FreshRead[]>('active', 'inactive', 'expired', 'absent', 'partial');

export const receipt: fc.Arbitrary<Receipt> = fc.record(
  { verb: mutation, requestedAt: iso, actedAt: iso, confirmedAt: iso, answer, read },
  { requiredKeys: ['verb', 'requestedAt', 'actedAt', 'confirmedAt', 'read'] },
);
