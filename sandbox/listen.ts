// Listening on loopback, with a sentence when it cannot be.
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { reasonOf } from './log.ts';

/** Listens on 127.0.0.1 and returns the port; 0 takes a free one. `option` is how the user asks for another. */
export async function listen(server: Server, port: number, option: string): Promise<number> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const reason = taken ? 'it is in use' : reasonOf(error);
    const sentence = `Cannot listen on 127.0.0.1, port ${port}: ${reason}. Give another by ${option}.`;
    throw new Error(sentence, { cause: error });
  }
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** Finds a free port for the instances' sshd, and keeps others from it by holding it on 127.0.0.1. */
export async function reservePort(wanted: number): Promise<{ port: number; holder: Server }> {
  const holder = createServer((socket) => socket.destroy());
  const port = await listen(holder, wanted, 'sshPort in the world file');
  return { port, holder: holder.unref() };
}
