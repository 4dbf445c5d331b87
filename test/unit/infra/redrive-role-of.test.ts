import { expect, it } from 'vitest';
import { redriveRoleOf } from '#infra/setup/redrive-role-of.ts';

it.each([
  ['arn:aws:sts::000000000000:assumed-role/patrol-deploy/github', 'patrol-deploy'],
  [
    'arn:aws:sts::000000000000:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann@example.com',
    'aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_0123456789abcdef',
  ],
  ['arn:aws:iam::000000000000:user/ann', undefined],
  ['arn:aws:iam::000000000000:root', undefined],
])('the role that may move dead letters, for %s, is %s', (arn, role) => {
  expect(redriveRoleOf(arn)).toBe(role);
});
