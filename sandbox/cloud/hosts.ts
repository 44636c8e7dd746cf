// What runs for each instance: its machine, its sshd, its metadata service, and the devices plugged into it.
// This is their one owner; an instance that ends, and the sandbox that ends, ends them here.
import { rename, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { consoleText, type HostKey, hostKeyFor } from '../machine/host-key.ts';
import { type Machine, startMachine } from '../machine/machine.ts';
import { type MetadataSource, metadataService } from '../machine/metadata-service.ts';
import { makeInstanceFolder } from '../machine/root-folder.ts';
import { type NetworkMode, type SshServer, startSshServer } from '../machine/ssh-server.ts';
import type { Disks } from './disks.ts';
import type { Instance } from './model.ts';

type Device = {
  name: string;
  type: 'disk' | 'part';
  volumeId: string;
  serial: string;
  number: string;
  sizeGiB: number;
  parent?: string;
};

type Host = {
  folder: string;
  machine: Machine;
  metadata: Server;
  hostKey: HostKey;
  hostName: string;
  ssh: SshServer | undefined;
  devices: Device[];
  /** Ends with the last change of the devices: one at a time, or two get one name. */
  changed: Promise<void>;
};

/** What hosts are made of. `folder` and `toolbox` are absolute paths. */
export type HostsSetup = { folder: string; toolbox: string; user: string; sshPort: number; disks: Disks };

export type Hosts = ReturnType<typeof hosts>;

const serialOf = (volumeId: string) => volumeId.replace('-', '');
const byIdOf = (host: Device) => (host.serial ? `nvme-Amazon_Elastic_Block_Store_${host.serial}` : undefined);

/** Makes the owner of all machines. */
export function hosts(setup: HostsSetup) {
  const running = new Map<string, Host>();
  /** Instances that are just being booted or ended. */
  const underWay = new Set<Promise<unknown>>();
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    const forget = () => underWay.delete(work);
    work.then(forget, forget);
    return work;
  };
  const listDevices = async (host: Host) => {
    const file = join(host.folder, 'host/devices');
    await writeFile(`${file}.new`, JSON.stringify(host.devices));
    await rename(`${file}.new`, file);
  };
  const inTurn = (host: Host, change: () => Promise<void>): Promise<void> => {
    const done = host.changed.then(change);
    host.changed = done.catch(() => {});
    return done;
  };
  const unplug = (host: Host, volumeId: string) =>
    inTurn(host, async () => {
      const device = host.devices.find((plugged) => plugged.volumeId === volumeId && !plugged.parent);
      if (!device) return;
      host.devices = host.devices.filter((other) => other !== device);
      await listDevices(host);
      await setup.disks.unplug(volumeId, host.folder, device.name, byIdOf(device));
    });
  const plug = (host: Host, instance: Instance, volumeId: string, device: string, sizeGiB: number) =>
    inTurn(host, async () => {
      const taken = new Set(host.devices.map((plugged) => plugged.name));
      const nvme =
        Array.from({ length: 64 }, (_, index) => index).find((index) => !taken.has(`nvme${index}n1`)) ?? 64;
      const letter = device.replace(/^\/dev\/(sd|xvd)/, '');
      const added: Device = {
        name: instance.nitro ? `nvme${nvme}n1` : `xvd${letter}`,
        type: 'disk',
        volumeId,
        serial: instance.nitro ? serialOf(volumeId) : '',
        number: instance.nitro ? `259:${2 + nvme}` : `202:${16 * (letter.charCodeAt(0) - 97)}`,
        sizeGiB,
      };
      await setup.disks.plug(volumeId, host.folder, added.name, byIdOf(added));
      host.devices.push(added);
      await listDevices(host);
    });
  const boot = async (
    instance: Instance,
    rootVolumeId: string,
    rootSizeGiB: number,
    source: MetadataSource,
  ): Promise<{ ended: Promise<void> }> => {
    const folder = join(setup.folder, instance.instanceId);
    const hostName = `ip-${instance.address.replaceAll('.', '-')}`;
    await makeInstanceFolder(folder, hostName, setup.user);
    const disk = instance.nitro ? 'nvme0n1' : 'xvda';
    const part = instance.nitro ? 'nvme0n1p1' : 'xvda1';
    const serial = instance.nitro ? serialOf(rootVolumeId) : '';
    const root = { volumeId: rootVolumeId, serial, sizeGiB: rootSizeGiB };
    const host: Host = {
      folder,
      hostName,
      machine: await startMachine({ folder, toolbox: setup.toolbox, hostName, user: setup.user }),
      metadata: metadataService(source),
      hostKey: hostKeyFor(instance.specification.userData, hostName),
      ssh: undefined,
      devices: [
        { ...root, name: disk, type: 'disk', number: instance.nitro ? '259:0' : '202:0' },
        {
          ...root,
          name: part,
          type: 'part',
          serial: '',
          number: instance.nitro ? '259:1' : '202:1',
          parent: disk,
        },
      ],
      changed: Promise.resolve(),
    };
    await listDevices(host);
    running.set(instance.instanceId, host);
    return { ended: host.machine.ended };
  };
  const end = async (instanceId: string): Promise<string[]> => {
    const host = running.get(instanceId);
    if (!host) return [];
    running.delete(instanceId);
    const mounted = host.machine.mountedVolumes().map((mount) => mount.volumeId);
    await Promise.all([host.machine.end(), host.ssh?.end()]);
    host.metadata.closeAllConnections();
    const plugged = host.devices.slice(2);
    for (const device of plugged) await unplug(host, device.volumeId);
    await rm(host.folder, { recursive: true, force: true }).catch(() => {}); // the folder is cleared at the next start
    return mounted;
  };
  return {
    /** Boots the instance's machine. `rootVolumeId` only shows in its list of devices. */
    boot: (...instance: Parameters<typeof boot>) => tracked(boot(...instance)),
    /** Starts the instance's sshd on its public address. */
    async listen(
      instanceId: string,
      address: string,
      authorizedKey: () => string | undefined,
    ): Promise<void> {
      const host = running.get(instanceId);
      if (!host) return;
      host.ssh = await startSshServer({
        machine: host.machine,
        address,
        port: setup.sshPort,
        user: setup.user,
        hostPrivateKey: host.hostKey.privateKey,
        authorizedKey: () => {
          const line = authorizedKey();
          return line === undefined ? undefined : parsePublicKey(line);
        },
        serveMetadata: (connection) => host.metadata.emit('connection', connection),
      });
    },
    /** Runs a program on the instance without waiting, as cloud-init does. */
    run: (instanceId: string, command: string) =>
      running
        .get(instanceId)
        ?.machine.spawn(command, {})
        .on('error', () => {})
        .stdin.end(),
    consoleText: (instanceId: string) => {
      const host = running.get(instanceId);
      return host ? consoleText(host.hostName, host.hostKey) : '';
    },
    /** Makes the console print another host key than the instance has, as when another machine has its address. */
    forgeConsole: (instanceId: string) => {
      const host = running.get(instanceId);
      if (host) host.hostKey = hostKeyFor('', host.hostName);
    },
    setNetwork: async (instanceId: string, mode: NetworkMode) =>
      running.get(instanceId)?.ssh?.setNetwork(mode),
    /** Makes the volume appear on the instance under the name that its kernel gives it. */
    async plug(instance: Instance, volumeId: string, device: string, sizeGiB: number): Promise<void> {
      const host = running.get(instance.instanceId);
      if (host) await plug(host, instance, volumeId, device, sizeGiB);
    },
    /** Takes the volume's device away. Whatever is mounted must be unmounted before. */
    unplug: async (instanceId: string, volumeId: string) => {
      const host = running.get(instanceId);
      if (host) await unplug(host, volumeId);
    },
    /** Mount points of the volume on the instance. */
    mountPoints: (instanceId: string, volumeId: string): string[] =>
      (running.get(instanceId)?.machine.mountedVolumes() ?? [])
        .filter((mounted) => mounted.volumeId === volumeId)
        .map((mounted) => mounted.mountPoint),
    /** Tears the volume's mounts away. */
    async unmountLazily(instanceId: string, volumeId: string): Promise<void> {
      const machine = running.get(instanceId)?.machine;
      for (const mounted of machine?.mountedVolumes() ?? []) {
        if (mounted.volumeId === volumeId) await machine?.unmountLazily(mounted.mountPoint);
      }
    },
    /** Ends everything of the instance. Returns the volumes that were mounted at that moment. */
    end: (instanceId: string) => tracked(end(instanceId)),
    /** Ends all instances, those that are still booting too. Nothing may be booted after it. */
    async endAll(): Promise<void> {
      await Promise.allSettled(underWay);
      await Promise.all([...running.keys()].map(end));
    },
    running: () => [...running.keys()],
  };
}

function parsePublicKey(line: string): ParsedKey | undefined {
  const parsed = ssh2.utils.parseKey(line) as ParsedKey | ParsedKey[] | Error;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key instanceof Error ? undefined : key;
}
