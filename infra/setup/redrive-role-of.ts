/**
 * Names the role behind an assumed role as the queues' policies spell it; `undefined` for whoever is no role. AWS gives the
 * roles of its single sign-on a path, which only AWS may use and an assumed role does not tell.
 */
export function redriveRoleOf(arn: string): string | undefined {
  const name = /:assumed-role\/([\w+=,.@-]+)\//.exec(arn)?.[1];
  return name?.startsWith('AWSReservedSSO_') === true ? `aws-reserved/sso.amazonaws.com/*${name}` : name;
}
