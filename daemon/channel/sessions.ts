// How many waiting sessions one shared SSH connection has. sshd allows ten by default, of which the shared connection
// itself needs one and passes need some; who waits beyond that has a connection of its own.
import type { ChannelTransport } from '../portal/gateways.ts';

export interface Sessions {
  /** Takes one; it is to be given back. */
  take(transport: ChannelTransport): Session;
}

export interface Session {
  /** For one ssh, or one program that starts one. */
  readonly transport: ChannelTransport;
  giveBack(): void;
}

/** `limit`: so many wait on one shared connection. */
export function createSessions(limit: number): Sessions {
  const taken = new Map<string, number>();
  return {
    take(transport) {
      const { destination } = transport;
      const count = taken.get(destination) ?? 0;
      if (count >= limit) return { transport: alone(transport), giveBack() {} };
      taken.set(destination, count + 1);
      return {
        transport,
        giveBack() {
          const left = (taken.get(destination) ?? 0) - 1;
          if (left > 0) taken.set(destination, left);
          else taken.delete(destination);
        },
      };
    },
  };
}

/** The same without the shared connection: -S overrides the path of its socket (ssh's manual, ControlPath). */
function alone(transport: ChannelTransport): ChannelTransport {
  return { ...transport, command: [...transport.command, '-S', 'none'] };
}
