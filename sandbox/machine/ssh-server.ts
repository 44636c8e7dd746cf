// The instance's sshd: ssh2's server side on the instance's own loopback address. It owns its listener, its
// connections and what runs in them; ending it cuts them all.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, {
  type AuthContext,
  type Connection,
  type ParsedKey,
  type ServerChannel,
  type Session,
} from 'ssh2';
import type { Machine } from './machine.ts';

/** How the network treats an instance's SSH: as it should, silence, or refused connections. */
export type NetworkMode = 'ok' | 'blackhole' | 'refuse';

export type SshServer = {
  /** Changes how the network treats SSH, also for connections that exist. */
  setNetwork(mode: NetworkMode): Promise<void>;
  /** Cuts every connection and closes the port. */
  end(): Promise<void>;
};

/** What a server is made of. */
export type SshServerSetup = {
  machine: Machine;
  address: string;
  port: number;
  user: string;
  hostPrivateKey: string;
  /** The user's public key; undefined until cloud-init has put it in place. */
  authorizedKey(): ParsedKey | undefined;
  /** Takes over a connection to the metadata service at 169.254.169.254:80. */
  serveMetadata(connection: Duplex): void;
};

const maxSessionsPerConnection = 10; // OpenSSH's MaxSessions

/** Starts an SSH server. Rejects if the address cannot be listened on. */
export async function startSshServer(setup: SshServerSetup): Promise<SshServer> {
  const server = new ssh2.Server({ hostKeys: [setup.hostPrivateKey], ident: 'OpenSSH_9.6p1 Ubuntu-sandbox' });
  server.on('connection', (client) => serveConnection(client, setup));
  const sockets = new Set<Socket>();
  let network: NetworkMode = 'ok';
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    if (network === 'blackhole') socket.pause();
    else server.injectSocket(socket);
  });
  const listen = async () => {
    listener.listen(setup.port, setup.address);
    await once(listener, 'listening');
  };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    cut();
    if (listener.listening) await new Promise((resolve) => listener.close(resolve));
  };
  await listen();
  return {
    setNetwork: async (mode) => {
      if (mode === 'refuse') await close();
      else if (!listener.listening) await listen();
      // Connections that were silenced are not revived: what was lost on the way stays lost.
      if (mode === 'ok' && network === 'blackhole') cut();
      if (mode === 'blackhole') {
        for (const socket of sockets) {
          socket.removeAllListeners('data');
          socket.pause();
          socket.cork();
        }
      }
      network = mode;
    },
    end: close,
  };
}

function serveConnection(client: Connection, setup: SshServerSetup): void {
  let sessions = 0;
  client.on('error', () => {}); // a client that vanishes is no event for an sshd
  client.on('authentication', (context) => authenticate(context, setup));
  client.on('session', (accept, reject) => {
    if (sessions >= maxSessionsPerConnection) return reject();
    sessions += 1;
    const session = accept();
    session.once('close', () => {
      sessions -= 1;
    });
    serveSession(session, setup.machine);
  });
  client.on('tcpip', (accept, reject, info) => {
    if (info.destIP !== '169.254.169.254' || info.destPort !== 80) return reject();
    setup.serveMetadata(accept());
  });
}

function authenticate(context: AuthContext, setup: SshServerSetup): void {
  const key = setup.authorizedKey();
  if (context.method !== 'publickey' || context.username !== setup.user || key === undefined) {
    return context.reject(['publickey']);
  }
  const expected = key.getPublicSSH();
  const offered = context.key.data;
  if (offered.length !== expected.length || !timingSafeEqual(offered, expected))
    return context.reject(['publickey']);
  if (!context.signature || !context.blob) return context.accept(); // a question whether the key would do
  if (key.verify(context.blob, context.signature, context.hashAlgo)) context.accept();
  else context.reject(['publickey']);
}

function serveSession(session: Session, machine: Machine): void {
  const environment: Record<string, string> = {};
  let terminal = false;
  session.on('env', (accept, _reject, info: { key: string; val: string }) => {
    if (/^(LANG|LC_\w+)$/.test(info.key)) environment[info.key] = info.val; // sshd's usual AcceptEnv
    if (accept) accept();
  });
  session.on('pty', (accept, _reject, info: { term?: string }) => {
    terminal = true;
    environment.TERM = info.term ?? 'dumb';
    if (accept) accept();
  });
  session.on('window-change', (accept) => {
    if (accept) accept();
  });
  let run: ChildProcessWithoutNullStreams | undefined;
  session.on('signal', (accept, _reject, info) => {
    if (run) signalGroup(run, `SIG${info.name.replace(/^SIG/, '')}`);
    if (accept) accept();
  });
  const start = (channel: ServerChannel, command: string) => {
    const words = terminal ? `exec script -qfec ${quote(command)} /dev/null` : command;
    run = machine.spawn(words, environment);
    connect(channel, run);
  };
  session.on('exec', (accept, _reject, info) => start(accept(), info.command));
  session.on('shell', (accept) => start(accept(), terminal ? '/bin/bash' : '/bin/sh'));
  session.on('subsystem', (accept, reject, info) => {
    if (info.name !== 'sftp') return reject();
    start(accept(), 'exec /usr/lib/openssh/sftp-server');
  });
}

/** Joins a channel and a process: streams with back-pressure, then the exit status, or death with the channel. */
function connect(channel: ServerChannel, run: ChildProcessWithoutNullStreams): void {
  run.stdin.on('error', () => {}); // the process may end before it has read everything
  channel.on('error', () => {});
  channel.pipe(run.stdin);
  run.stdout.pipe(channel, { end: false });
  run.stderr.pipe(channel.stderr, { end: false });
  let closed = false;
  channel.once('close', () => {
    closed = true;
    if (run.exitCode === null && run.signalCode === null) signalGroup(run, 'SIGHUP');
  });
  run.on('error', () => channel.close());
  run.once('close', (code, signal) => {
    if (closed) return;
    if (signal) channel.exit(signal.replace(/^SIG/, ''), false, '');
    else channel.exit(code ?? 255);
    channel.end();
  });
}

function signalGroup(run: ChildProcessWithoutNullStreams, signal: string): void {
  if (run.pid === undefined) return;
  try {
    process.kill(-run.pid, signal);
  } catch {
    // the group is gone, or there is no such signal: nothing to do either way
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
