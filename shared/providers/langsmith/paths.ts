/** Where LangSmith keeps what; everything is below `/api/v1/orgs/current`. */
export const PATHS = {
  own: '/personal-access-tokens',
  organization: '/members/personal-access-tokens',
  serviceKeys: '/service-keys',
} as const;
