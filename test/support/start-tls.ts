import { type AddressInfo, connect } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Certificate } from '#infra/sandbox/sns/certificate.ts';

/** A TLS end before a plain server, on a free port of this machine. */
export interface TlsFront {
  readonly url: string;
  close(): Promise<void>;
}

/** Ends TLS in front of a plain server. */
export async function startTls(target: string, { privateKeyPem, certificatePem }: Certificate): Promise<TlsFront> {
  const open = new Set<TLSSocket>();
  // Without this the two ends wait 40 ms for each other at the first request of a connection (Nagle, delayed ACK), which AWS's do not.
  const server = createServer({ key: privateKeyPem, cert: certificatePem, noDelay: true }, (socket) => {
    open.add(socket);
    const inner = connect({ port: Number(new URL(target).port), host: '127.0.0.1', noDelay: true });
    socket.pipe(inner).pipe(socket);
    for (const end of [socket, inner]) end.on('error', () => socket.destroy(inner.destroy().errored ?? undefined));
    socket.on('close', () => {
      open.delete(socket);
      inner.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
