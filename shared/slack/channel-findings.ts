/** What Slack tells of a channel (`conversations.info`), as far as it matters here. */
interface ChannelInfo {
  readonly is_archived?: boolean | undefined;
  readonly is_private?: boolean | undefined;
  readonly is_member?: boolean | undefined;
  readonly is_ext_shared?: boolean | undefined;
  readonly is_pending_ext_shared?: boolean | undefined;
}

interface ChannelFindings {
  /** Why it takes no message, as Slack would refuse one; absent where nothing says so. */
  readonly problem?: 'is_archived' | 'not_in_channel';
  /** True where another company reads it, or has been asked to. */
  readonly isShared: boolean;
  /** True where Patrol speaks and may not read: a message whose posting was not answered is never found again there. */
  readonly isUnread: boolean;
}

/** What is wrong with a channel in which leaks are told. */
export function channelFindings(info: ChannelInfo | undefined): ChannelFindings {
  const isShared = info?.is_ext_shared === true || info?.is_pending_ext_shared === true;
  const isUnread = info?.is_member === false;
  const found = { isShared, isUnread };
  if (info?.is_archived === true) return { problem: 'is_archived', ...found };
  return isUnread && info.is_private === true ? { problem: 'not_in_channel', ...found } : found;
}
