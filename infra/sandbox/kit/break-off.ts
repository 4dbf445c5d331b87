import type { ServerResponse } from 'node:http';

/** Makes a response break off: half of what is ended with is sent, and the connection closed. */
export function breakOff(response: ServerResponse): void {
  const parts: Buffer[] = [];
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) parts.push(Buffer.from(chunk as string));
  };
  const write = response.write.bind(response);
  response.write = (chunk: unknown) => {
    keep(chunk);
    return true;
  };
  response.end = (chunk?: unknown) => {
    keep(chunk);
    const whole = Buffer.concat(parts);
    response.flushHeaders();
    write(whole.subarray(0, Math.floor(whole.length / 2)), () => response.destroy());
    return response;
  };
}
