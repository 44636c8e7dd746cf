// The fixture of the tests of crashes: the programs with a portald that is killed and started again, and requests to it
// that may find no portald.
import type { ChildProcess } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import type { MethodName, MethodParameters, MethodResults } from '../../protocol/methods.ts';
import { eventually } from '../fixture/eventually.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { untilNoStrays } from './strays.ts';

export const zone = 'eu-central-1a';

/** Between an interruption notice and the end of its instance. */
export const noticeMs = 120_000;

/** A rule that strikes until it is ended; calls that it holds then go on. */
export interface Fault {
  readonly id: string;
  end(): Promise<void>;
}

export interface CrashFixture {
  readonly programs: ProgramsFixture;
  readonly volumes: readonly string[];
  /** The portals that lived their lives here. */
  readonly lived: string[];
  /** The process of now. */
  portald(): ChildProcess;
  start(): Promise<void>;
  /** Ends portald by a signal and waits until it is gone, and after SIGTERM until all that it had started is. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Calls a method; undefined when portald is not there or goes before it answers. */
  ask<M extends MethodName>(
    method: M,
    params: MethodParameters[M],
  ): Promise<MethodResults[M] | PortalError | undefined>;
  /** Between `stall` and `goOn` nothing takes effect that portald writes with `text` in it; `stalled` once it tried. */
  readonly writes: { stall(text?: string): void; stalled(): boolean; goOn(): void };
  /** From now on calls of EC2 fail by this rule of the sandbox, until it is ended. */
  fault(rule: { action: string; kind: string; [detail: string]: unknown }): Promise<Fault>;
  /** Sets the clock of portald's machine so many milliseconds ahead of the true time. */
  setClock(offMs: number): void;
  /** What all portalds said so far. */
  log(): string;
  end(): Promise<void>;
}

/** Starts the programs with `portals` volumes and a running portald. `world` is merged over its world file. */
export async function startCrashFixture(
  options: { portals?: number; world?: object; delays?: object; configuration?: string } = {},
): Promise<CrashFixture> {
  const volumes = Array.from({ length: options.portals ?? 1 }, (_, index) => `vol-0123456789abcde0${index}`);
  const programs = await startProgramsFixture('portald-crash-', {
    volumes: volumes.map((volumeId) => ({ volumeId, zone, sizeGiB: 1, formatted: 'ext4' })),
    ...options.world,
    delays: { noticeMs, ...options.delays },
  });
  writeFileSync(join(programs.folder, 'config.yaml'), options.configuration ?? 'log_level: debug\n');
  const stallFile = join(programs.folder, 'stall');
  const clockFile = join(programs.folder, 'clock');
  const preloads = ['./stall-renames.ts', './jumping-clock.ts'];
  const imports = preloads.map((name) => `--import=${new URL(name, import.meta.url).href}`).join(' ');
  const logs: (() => string)[] = [];
  let current: ChildProcess | undefined;

  const fixture: CrashFixture = {
    programs,
    volumes,
    lived: [],
    portald() {
      if (current === undefined) throw new Error('portald was not started');
      return current;
    },
    async start() {
      const started = await programs.startPortald({
        NODE_OPTIONS: imports,
        PORTALD_STALL: stallFile,
        PORTALD_CLOCK: clockFile,
      });
      current = started.process;
      logs.push(started.log);
    },
    async kill(signal) {
      const child = fixture.portald();
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await eventually(`portald ends after ${signal}`, () =>
        child.exitCode !== null || child.signalCode !== null ? true : undefined,
      );
      // What a killed one leaves waits for the next.
      if (signal === 'SIGTERM') await untilNoStrays(programs.folder);
    },
    ask: (method, params) =>
      programs.ask(method, params).catch((error: unknown) => {
        if (!(error instanceof PortalError)) throw error;
        return error.kind === 'no-daemon' ? undefined : error;
      }),
    writes: {
      stall: (text = '') => writeFileSync(stallFile, text),
      stalled: () => existsSync(`${stallFile}.met`),
      goOn() {
        rmSync(stallFile, { force: true });
        rmSync(`${stallFile}.met`, { force: true });
      },
    },
    async fault(rule) {
      const { ids } = await programs.control.post<{ ids: [string] }>('faults', [rule]);
      const [id] = ids;
      return { id, end: () => programs.control.remove(`faults/${id}`) };
    },
    setClock(offMs) {
      writeFileSync(`${clockFile}.new`, String(offMs));
      renameSync(`${clockFile}.new`, clockFile);
    },
    log: () => logs.map((log) => log()).join(''),
    end: programs.end,
  };
  try {
    await fixture.start();
  } catch (error) {
    await programs.end();
    throw error;
  }
  return fixture;
}

/** Waits until a rule holds a call; undefined as soon as `over` says that none will come. */
export async function untilHeld(
  { control }: ProgramsFixture,
  ruleId: string,
  over: () => boolean,
): Promise<true | undefined> {
  const found = await eventually('the call is held', async () => {
    if (over()) return 'over';
    const rules = await control.get<Record<string, { holding: number }>>('faults');
    return (rules[ruleId]?.holding ?? 0) > 0 ? 'held' : undefined;
  });
  return found === 'held' ? true : undefined;
}
