// What all parts of the simulated region share, made once by main.ts.
import type { Chance } from '../chance.ts';
import type { Ledger } from '../ledger.ts';
import type { Log } from '../log.ts';
import type { Schedule } from '../schedule.ts';
import type { Disks } from './disks.ts';
import type { Hosts } from './hosts.ts';
import type { Fleet, Instance, Region } from './model.ts';

export type Cloud = {
  region: Region;
  schedule: Schedule;
  ledger: Ledger;
  disks: Disks;
  hosts: Hosts;
  log: Log;
  /** Streams of the seeded generator. */
  ids: Chance;
  /** A stream for each delay of each thing: what happens to one volume shifts nothing for another. */
  delays(name: DelayName, of: string): Chance;
  /** For what polling draws (request ids, tokens), so that it disturbs nothing else. */
  noise: Chance;
  /** Called when an instance of the fleet is gone. */
  instanceEnded(fleet: Fleet, instance: Instance): void;
};

type DelayName = keyof Region['world']['delays'];

/** A delay of the world file, drawn if it is a range from the stream of the thing that it is `of`, in milliseconds. */
export function delayMs(cloud: Cloud, name: DelayName, of = ''): number {
  return cloud.delays(name, of).delayMs(cloud.region.world.delays[name]);
}

/** What every new resource starts with. */
export function newResource(cloud: Cloud, tags: Iterable<[string, string]>) {
  return { tags: new Map(tags), visibleAtMs: cloud.schedule.now() + delayMs(cloud, 'visibility') };
}
