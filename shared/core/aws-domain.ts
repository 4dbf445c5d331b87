/** The partitions of AWS by how their regions begin, each with the domain of its services. Longest first. */
const DOMAINS: readonly (readonly [prefix: string, domain: string])[] = [
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eusc-', 'amazonaws.eu'],
  ['cn-', 'amazonaws.com.cn'],
];

/** A region's name and nothing else: it becomes part of a host's name. */
export const AWS_REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d$/;

/** The domain under which AWS answers in a region: `amazonaws.com` but for China, the European cloud and the closed ones. */
export function awsDomain(region: string): string {
  return DOMAINS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com';
}
