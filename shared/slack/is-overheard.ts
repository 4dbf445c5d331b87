import type { Policy } from '#shared/policy/policy.ts';

/** True for a channel in which others read than whoever asks and those who answer for leaks. */
export function isOverheard({ channels, profiles }: Policy, channel: string): boolean {
  const isForCards = Object.values(profiles).some((profile) => profile.channel === channel);
  return !isDirect(channel) && channel !== channels.security && !isForCards;
}

/** True for a conversation of one person with Patrol. */
export function isDirect(channel: string): boolean {
  return channel.startsWith('D');
}
