import { expect, it } from 'vitest';
import { AWS_REGION, awsDomain } from '#shared/core/aws-domain.ts';

it.each([
  ['eu-central-1', 'amazonaws.com'],
  ['us-gov-west-1', 'amazonaws.com'],
  ['cn-northwest-1', 'amazonaws.com.cn'],
  ['eusc-de-east-1', 'amazonaws.eu'],
  ['us-iso-east-1', 'c2s.ic.gov'],
  ['us-isob-east-1', 'sc2s.sgov.gov'],
  ['us-isof-south-1', 'csp.hci.ic.gov'],
  ['eu-isoe-west-1', 'cloud.adc-e.uk'],
])('AWS answers for %s under %s', (region, domain) => {
  expect(AWS_REGION.test(region)).toBe(true);
  expect(awsDomain(region)).toBe(domain);
});
