// Who is measured: our channel, and what people use else, each with the settings that make it fastest.
import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { builtMutagen } from './build-mutagen.ts';
import type { Peer } from './peer.ts';
import { lsyncd } from './peer-lsyncd.ts';
import { mutagen } from './peer-mutagen.ts';
import { portald } from './peer-portald.ts';
import { isInstalled } from './peer-process.ts';
import { everySecond, rsyncOnEvent } from './peer-rsync.ts';
import { syncthing } from './peer-syncthing.ts';
import { unison } from './peer-unison.ts';

/** Ours, then the others if wanted: Debian's are installed where we may; what cannot be had is told and left out. */
export function syncPeers(areOthersWanted: boolean): Peer[] {
  return areOthersWanted ? [portald, ...otherPeers()] : [portald];
}

function otherPeers(): Peer[] {
  const packaged = [
    { program: 'lsyncd', peer: lsyncd },
    { program: 'unison', peer: unison },
    { program: 'syncthing', peer: syncthing },
  ];
  const missing = packaged.map(({ program }) => program).filter((program) => !isInstalled(program));
  if (missing.length > 0 && userInfo().uid === 0) {
    spawnSync('apt-get', ['install', '-y', '-qq', ...missing], { stdio: 'ignore' });
  }
  const there = packaged.filter(({ program }) => !missing.includes(program) || isInstalled(program));
  for (const { program } of packaged.filter((one) => !there.includes(one))) {
    process.stdout.write(`${program} is not measured: sudo apt-get install ${program}\n`);
  }
  const built = builtMutagen();
  if ('trouble' in built) process.stdout.write(`mutagen is not measured: ${built.trouble}\n`);
  return [
    ...there.map(({ peer }) => peer),
    ...('program' in built ? [mutagen(built.program)] : []),
    rsyncOnEvent,
    everySecond,
  ];
}
