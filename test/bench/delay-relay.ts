// A TCP relay that delays each direction, as a process of its own so that its timers are its own:
// node test/bench/delay-relay.ts PORT MILLISECONDS; it prints the port on which it listens, after each line of its input
// how many bytes it has carried, and ends with its input.
import { connect, createServer, type Socket } from 'node:net';

const [target = 0, delayMs = 0] = process.argv.slice(2).map(Number);
let carried = 0;

function forward(from: Socket, to: Socket): void {
  // A timer of 0 ms is one of 1 ms.
  const later = (deliver: () => void): void => {
    if (delayMs === 0) deliver();
    else setTimeout(deliver, delayMs);
  };
  from.on('data', (bytes) => {
    carried += bytes.length;
    later(() => to.writable && to.write(bytes));
  });
  from.on('end', () => later(() => to.end()));
  from.on('close', () => later(() => to.destroy()));
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
process.stdin.on('data', () => process.stdout.write(`${carried}\n`)).on('end', () => process.exit());
