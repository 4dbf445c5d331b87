import { Secret } from '#shared/core/secret.ts';
import type { EventBridgeEvent } from '../envelope.ts';
import type { Reading } from '../source.ts';
import { readWrapped } from './read-wrapped.ts';

/** AWS's own findings name no token of ours; they are told, and searched in case they quote one. */
const FINDINGS = new Set(['aws.securityhub', 'aws.guardduty', 'aws.health', 'aws.macie']);

/** Reads an EventBridge event, which IAM vouches for: a form of another source in `detail`, or a finding of AWS to tell. */
export function readEventBridge(event: EventBridgeEvent): Reading {
  const isFromAws = event.source.startsWith('aws.');
  const wrapped = isFromAws ? undefined : readWrapped(event.detail);
  if (wrapped !== undefined) return wrapped.kind === 'findings' ? { ...wrapped, deliveryId: event.id } : wrapped;
  if (!FINDINGS.has(event.source)) return { kind: 'ignored', why: 'another event' };
  const finding = { around: new Secret(JSON.stringify(event.detail)), detector: event['detail-type'] };
  return { kind: 'findings', deliveryId: event.id, findings: [finding], unread: [] };
}
