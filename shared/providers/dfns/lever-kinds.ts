/** The policy's names of what stops a whole Dfns identity. */
export const LEVER_KINDS = {
  'deactivate-user': 'dfns.deactivate-user',
  'deactivate-service-account': 'dfns.deactivate-service-account',
} as const;
