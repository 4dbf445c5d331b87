import type { ProfileTrouble } from '#shared/tokens/trouble.ts';
import { readProfiles } from '#shared/tokens/read-profiles.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { Inventory } from './assess.ts';

/** Reads everything that several profiles can see; a profile that fails is told beside the others. */
export async function readInventories(
  services: Services,
  profiles: readonly string[],
): Promise<{ readonly inventories: readonly Inventory[]; readonly unread: readonly ProfileTrouble[] }> {
  const { read, unread } = await readProfiles(services, profiles, async (provider): Promise<Inventory> => {
    const { tokens, unseen } = await provider.list();
    return { profile: provider.profile, provider: provider.name, knows: provider.knows, tokens, unseen };
  });
  return { inventories: read.map(({ value }) => value), unread };
}
