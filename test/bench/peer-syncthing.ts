// syncthing: one at each end, nothing but each other in their configuration, and the shortest delays it has.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../remote/instance.ts';
import type { Peer } from './peer.ts';
import { startProgram, together } from './peer-process.ts';
import { startRelay } from './relay.ts';

export const syncthing: Peer = {
  name: 'syncthing, fsWatcherDelayS 1',
  async start(scene) {
    const ports = [await freePort(), await freePort()] as const;
    const relay = await startRelay(ports[1], scene.roundTripMs);
    const here = await identityIn(join(scene.folder, 'syncthing-here'));
    const there = await identityIn(join(scene.folder, 'syncthing-there'));
    const running = [
      { home: here.home, path: scene.local, type: 'sendonly', port: ports[0] },
      { home: there.home, path: scene.remote, type: 'receiveonly', port: ports[1] },
    ].map(async ({ home, path, type, port }) => {
      await mkdir(join(path, '.stfolder'));
      const devices = [
        { id: here.id, address: 'dynamic' },
        // Only this end knows where to connect to: by way of the relay.
        { id: there.id, address: type === 'sendonly' ? `tcp://127.0.0.1:${relay.port}` : 'dynamic' },
      ];
      await writeFile(join(home, 'config.xml'), configurationOf({ path, type, port, devices }));
      return startProgram('syncthing', [
        'serve',
        '--home',
        home,
        '--no-browser',
        '--no-restart',
        '--no-upgrade',
      ]);
    });
    return together(...(await Promise.all(running)), relay);
  },
};

async function identityIn(home: string): Promise<{ home: string; id: string }> {
  const words = ['generate', '--home', home, '--no-default-folder', '--skip-port-probing'];
  execFileSync('syncthing', words, { stdio: 'ignore' });
  const generated = await readFile(join(home, 'config.xml'), 'utf8');
  return { home, id: /<device id="([^"]+)"/.exec(generated)?.[1] ?? '' };
}

interface Configuration {
  readonly path: string;
  readonly type: string;
  readonly port: number;
  readonly devices: readonly { readonly id: string; readonly address: string }[];
}

function configurationOf({ path, type, port, devices }: Configuration): string {
  const known = devices.map(({ id, address }) => `<device id="${id}"><address>${address}</address></device>`);
  const members = devices.map(({ id }) => `<device id="${id}"/>`);
  return `<configuration version="36">
<folder id="tree" path="${path}" type="${type}" rescanIntervalS="3600" fsWatcherEnabled="true" fsWatcherDelayS="1">
${members.join('')}<disableFsync>true</disableFsync>
</folder>
${known.join('\n')}
<gui enabled="false"/>
<options>
<listenAddress>tcp://127.0.0.1:${port}</listenAddress>
<globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled>
<relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><startBrowser>false</startBrowser>
<reconnectionIntervalS>1</reconnectionIntervalS><urAccepted>-1</urAccepted>
<autoUpgradeIntervalH>0</autoUpgradeIntervalH><crashReportingEnabled>false</crashReportingEnabled>
<setLowPriority>false</setLowPriority>
</options>
</configuration>
`;
}
