// A TCP relay that delays each direction, as a process of its own so that its timers are its own:
// node test/bench/delay-relay.ts PORT MILLISECONDS; it prints the port on which it listens, and ends with its input.
import { connect, createServer, type Socket } from 'node:net';

const [target = 0, delayMs = 0] = process.argv.slice(2).map(Number);

function forward(from: Socket, to: Socket): void {
  from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), delayMs));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('close', () => setTimeout(() => to.destroy(), delayMs));
  from.on('error', () => from.destroy());
}

const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
  forward(near, far);
  forward(far, near);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
process.stdin.resume().on('end', () => process.exit());
