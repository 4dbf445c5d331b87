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
}

/** What is wrong with a channel in which leaks are told. */
export function channelFindings(info: ChannelInfo | undefined): ChannelFindings {
  const isShared = info?.is_ext_shared === true || info?.is_pending_ext_shared === true;
  if (info?.is_archived === true) return { problem: 'is_archived', isShared };
  const isShut = info?.is_private === true && info.is_member === false;
  return isShut ? { problem: 'not_in_channel', isShared } : { isShared };
}
