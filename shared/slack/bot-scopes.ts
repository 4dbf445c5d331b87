/** What Patrol's bot may do in Slack, and why: the manifest asks for exactly these, `doctor` names those that are missing. */
export const BOT_SCOPES = [
  'commands', // /pat and the shortcut
  'chat:write', // answers and cases
  'chat:write.public', // in public channels that it was not invited to
  'channels:read', // whether the channel for leaks is there and takes messages
  'groups:read', // the same for a private one
  'users:read', // whether somebody is a guest or gone
  'users:read.email', // the owner of a token whose provider gives an e-mail address
  'usergroups:read', // roles by user group
  'files:write', // the audit record as a file
  'channels:history', // finds a message of its own again whose address it never learned
  'groups:history', // the same in a private channel
  'im:write', // tells a token's owner
] as const;
