import { defined } from '#shared/core/defined.ts';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type AlertSecrets,
  complete,
  type Leak,
  type Sender,
  type SendOptions,
  type SignedAlert,
  type SigningSecret,
  WrongSecret,
} from './sender.ts';

const FOLDER = join(import.meta.dirname, 'by-source');

/** Every sender over HTTP, by name: each file of `by-source/` is one. */
const SENDERS: ReadonlyMap<string, Sender> = new Map(
  await Promise.all(
    readdirSync(FOLDER)
      .toSorted()
      .map(async (file) => {
        const { sender } = (await import(join(FOLDER, file))) as { readonly sender: Sender };
        return [basename(file, '.ts'), sender] as const;
      }),
  ),
);

/** The senders over HTTP; `gitlab-partner` is GitLab's other way of handing tokens over. */
export const ALERT_SENDERS: readonly string[] = [...SENDERS.keys()];

function senderOf(name: string): Sender {
  const sender = SENDERS.get(name);
  if (sender === undefined) throw new WrongSecret(`Nobody signs for ${name}.`);
  return sender;
}

/** Builds and signs the genuine alert for one leaked token, as this sender would post it. */
export function signAlert(name: string, leak: Leak, secrets: AlertSecrets, options: SendOptions = {}): SignedAlert {
  const { path, toBody, sign, atGithub, needsWatch, secretOf } = senderOf(name);
  const all = complete(options);
  const body = toBody(leak, all);
  const secret = (secrets as unknown as Readonly<Record<string, SigningSecret | undefined>>)[secretOf ?? name];
  if (secret === undefined) throw new WrongSecret(`no secret for ${name}`);
  return {
    path,
    body,
    ...sign(Buffer.from(body), secret, all),
    ...(atGithub === undefined ? {} : { github: atGithub(leak, all) }),
    ...defined({ needsWatch }),
  };
}

/** The sources for which a recorded payload can be signed. */
export const RECORDED_SOURCES: readonly string[] = ALERT_SENDERS.filter(
  (name) => senderOf(name).secretOf === undefined,
);

/** Signs recorded bytes as the genuine sender would post them now. Throws `WrongSecret`. */
export function signRecorded(
  source: string,
  body: Buffer,
  { secret, ...options }: SendOptions & { readonly secret: SigningSecret },
): { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer | string } {
  const { recordedAs = source } = senderOf(source);
  const { path, sign } = senderOf(recordedAs);
  return { path, body, ...sign(body, secret, complete(options)) };
}
