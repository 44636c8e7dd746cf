// A proxy for HTTP, as a company has one: it carries what it is given, and remembers what that was.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxyServer {
  readonly url: string;
  /** Hosts, with a port where a tunnel was asked for, in the order of the requests. */
  readonly asked: string[];
  end(): Promise<void>;
}

/** `tunnelTo`: the port here to which every tunnel leads; without it, all of them are refused with this answer. */
export async function startProxyServer(
  tunnelTo: number | undefined,
  refusal = '403 Forbidden',
): Promise<ProxyServer> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { hostname, port, pathname, search } = new URL(incoming.url ?? '');
    asked.push(hostname);
    const { method, headers } = incoming;
    const further = request({ hostname, port, path: `${pathname}${search}`, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    further.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(further);
  };
  const server = createServer(forward);
  server.on('connection', (socket: Socket) => open.add(socket));
  server.on('connect', ({ url = '' }: IncomingMessage, socket: Socket) => {
    asked.push(url);
    socket.on('error', () => {});
    if (tunnelTo === undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
      return;
    }
    const further = connect(tunnelTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(further).pipe(socket);
    });
    open.add(further);
    further.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async end() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
