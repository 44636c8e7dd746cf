// Starts relays that delay, and ends them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Relay extends AsyncDisposable {
  readonly port: number;
  /** Bytes carried so far, both directions together. */
  carried(): Promise<number>;
}

/** A way to `port` of this machine, on which a round trip takes `roundTripMs`. */
export async function startRelay(port: number, roundTripMs: number): Promise<Relay> {
  const words = [join(import.meta.dirname, 'delay-relay.ts'), String(port), String(roundTripMs / 2)];
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const nextNumber = async (): Promise<number> => {
    const [line] = (await once(lines, 'line')) as [string];
    return Number(line);
  };
  return {
    port: await nextNumber(),
    carried() {
      child.stdin.write('\n');
      return nextNumber();
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}
