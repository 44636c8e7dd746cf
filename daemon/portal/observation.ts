// The world as `decide` sees it: plain data, taken at one moment.
import type { CloudSnapshot } from './cloud.ts';
import type { Difficulty, LinkStatus, MountState } from './gateways.ts';
import type { TaskKind } from './steps.ts';

export interface TaskStatus {
  readonly state: 'running' | 'done' | 'failed';
  readonly attempts: number;
  /** When the state was entered. */
  readonly since: number;
  readonly difficulty?: Difficulty;
}

export interface GenerationObservation {
  readonly link?: LinkStatus;
  /** Whether OpenSSH's shared connection, which the channels use, is up. */
  readonly transport: boolean;
  /** Volumes on the instance; absent while not known. */
  readonly mounts?: readonly MountState[];
  /** When that was looked at, milliseconds. */
  readonly mountsAt?: number;
  readonly tasks: ReadonlyMap<TaskKind, TaskStatus>;
}

export interface Absence {
  readonly since: number;
  /** How many answers in a row did not show it: the clock alone may have jumped, or the laptop slept. */
  readonly answers: number;
}

/** A step that failed, and is not to be tried for some more time. */
export interface Rest {
  readonly forMs: number;
  /** Why it failed. */
  readonly message: string;
}

export interface Observation {
  /** Time of the daemon's clock, milliseconds. */
  readonly now: number;
  /** Absent while EC2 cannot be asked. */
  readonly cloud?: CloudSnapshot;
  readonly cloudDifficulty?: Difficulty;
  readonly generations: ReadonlyMap<number, GenerationObservation>;
  /** What complete answers of EC2 do not show, without a break, by its id or as `addressOf` (absences.ts). */
  readonly absences: ReadonlyMap<string, Absence>;
  /** Since when EC2 has shown instances, fleets and volumes as it shows them now, by their ids (shown-since.ts). */
  readonly shownSince: ReadonlyMap<string, number>;
  /** Generation over whose connection the channels run; 0 for none. */
  readonly channelsOn: number;
  /** When a channel last found that a volume is not mounted there, milliseconds. */
  readonly unmountedAt?: number;
  /** By `stepKey`. Other steps are taken meanwhile. */
  readonly resting: ReadonlyMap<string, Rest>;
  /** How long a spare instance may wait beside one that AWS recommends to leave; 0: there are to be none. */
  readonly earlyReplacementMs: number;
}
