import { defined } from '#shared/core/defined.ts';
import { randomBytes } from 'node:crypto';

/** A file as it was uploaded. `channel` is where it was shared, if it was. */
export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly length: number;
  readonly content?: string;
  readonly channel?: string;
}

/** Takes the bytes out of an upload: the body itself, or the first part of a multipart form. */
function uploadedBytes(contentType: string, body: Buffer): Buffer | undefined {
  if (!contentType.startsWith('multipart/form-data')) return body;
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  const from = body.indexOf('\r\n\r\n');
  const to = boundary === undefined ? -1 : body.indexOf(`\r\n--${boundary}`, from);
  return from < 0 || to < 0 ? undefined : body.subarray(from + 4, to);
}

/** Keeps files through Slack's three steps: ask for an address, upload, complete. */
export function createSlackFiles() {
  const files = new Map<string, SlackFile>();
  return {
    all: (): readonly SlackFile[] => [...files.values()],
    find: (id: string): SlackFile | undefined => files.get(id),
    announce: (name: string, length: number): SlackFile => {
      const file = { id: `F${randomBytes(5).toString('hex').toUpperCase()}`, name, title: name, length };
      files.set(file.id, file);
      return file;
    },
    /** Stores the bytes; false when there is no such file, it is there already, or its length is not the announced one. */
    upload: (id: string, contentType: string, body: Buffer): boolean => {
      const file = files.get(id);
      const bytes = uploadedBytes(contentType, body);
      if (file === undefined || file.content !== undefined || bytes?.length !== file.length) return false;
      files.set(id, { ...file, content: bytes.toString() });
      return true;
    },
    complete: (file: SlackFile, title: string | undefined, channel: string | undefined): SlackFile => {
      const done = { ...file, title: title ?? file.title, ...defined({ channel }) };
      files.set(file.id, done);
      return done;
    },
    reset: (): void => files.clear(),
  };
}

export type SlackFiles = ReturnType<typeof createSlackFiles>;
