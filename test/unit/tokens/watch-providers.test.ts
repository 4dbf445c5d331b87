import { expect, it } from 'vitest';
import { watchProviders } from '#shared/tokens/watch-providers.ts';
import { addToken, createRoom, PEOPLE } from '#test/support/room.ts';

async function watched() {
  const room = createRoom();
  const { profile } = addToken(room, 'a');
  const { services } = await room.context(PEOPLE.operator);
  const opened: unknown[] = [];
  const answered: unknown[] = [];
  const providers = watchProviders(
    {
      ...services.providers,
      open: (...asked) => {
        opened.push(asked);
        return services.providers.open(...asked);
      },
    },
    { answered: async (...told) => void answered.push(told), failed: () => {} },
  );
  return { profile, providers, opened, answered };
}

it('opens a profile just as it was asked to', async () => {
  const { profile, providers, opened } = await watched();
  await providers.open(profile, 'proved');
  await providers.open(profile);
  expect(opened).toEqual([[profile, 'proved'], [profile]]);
});

it('tells of each answer whose it is, and whether somebody has asked just for that', async () => {
  const { profile, providers, answered } = await watched();
  const provider = await providers.open(profile);
  await provider.list();
  await provider.check();
  expect(answered).toEqual([
    [profile, { isChecked: false }],
    [profile, { isChecked: true }],
  ]);
});
