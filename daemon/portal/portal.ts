// One portal: its record, its loop and everything long-lived that belongs to it. `end` leaves the machine running.

import { PortalError } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/events.ts';
import type { Happening } from '../../protocol/portal-history.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import type { Specification } from '../../protocol/specification/schema.ts';
import { restMs } from './awaiting.ts';
import { createChannelSet } from './channel-set.ts';
import { type Outcome, type PortalContext, type PortalParts } from './context.ts';
import { decide } from './decide.ts';
import { execute } from './execute.ts';
import type { Difficulty } from './gateways.ts';
import { createHistory } from './history.ts';
import { mountedChannels } from './mounted-channels.ts';
import type { Observation } from './observation.ts';
import { createObserver } from './observe.ts';
import { type CurrentStep, portalView, stateOf } from './portal-view.ts';
import type { PortalRecord } from './record.ts';
import { reloaded } from './reload.ts';
import { startRunner } from './runner.ts';
import { createStepTrouble, isHopeless, restPauseMs } from './step-trouble.ts';
import { cloudSteps, type Decision, endingSteps, type Step } from './steps.ts';
import { createTaskBoard } from './task-board.ts';
import { flushVolumes, growFileSystem } from './volume-care.ts';

export interface Portal {
  record(): PortalRecord;
  view(): PortalView;
  /** What happened last, oldest first. */
  history(): readonly Happening[];
  /** Wishes it closed; resolves once the wish is on disk. One whose opening failed is forgiven: it is closed then. */
  close(): Promise<void>;
  /** Resolves when all that was saved before the call has arrived, by one channel or by all that are not paused. */
  synchronise(index: number | undefined, signal: AbortSignal): Promise<void>;
  /**
   * Takes an edited specification up, one without `lastingDifferences`; resolves once that is on disk and the channels
   * are those that it names.
   */
  reload(text: string, specification: Specification, rootDevice: string | undefined): Promise<void>;
  /** Pauses or resumes one channel, or all; resolves once that is on disk and done. */
  setPaused(index: number | undefined, isPaused: boolean): Promise<void>;
  /** As `volume-care` has them. */
  growFileSystem(volumeId: string, sizeGiB: number): Promise<string>;
  flushVolumes(): Promise<void>;
  /** Whether its loop goes on. */
  isTicking(): boolean;
  /** Ends the loop and every connection, process and timer of it; the machine and the record stay. */
  end(): Promise<void>;
}

export interface PortalListener {
  changed(view: PortalView): void;
  said(message: Message): void;
}

/** Starts the loop of a portal whose record is on disk already. */
export function startPortal(initial: PortalRecord, parts: PortalParts, listener: PortalListener): Portal {
  const { now, log } = parts;
  let record = initial;
  let writing: Promise<void> = Promise.resolve();
  let observation: Observation | undefined;
  let step: CurrentStep =
    record.closedAt === undefined
      ? { what: 'starting', reason: '', since: now() }
      : { what: 'closed', reason: '', since: record.closedAt };
  const history = createHistory(initial.history);
  const dated = (happening: Omit<Happening, 'at'>): Happening => ({
    at: new Date(now()).toISOString(),
    ...happening,
  });
  const remember = (happening: Omit<Happening, 'at'>): Happening => {
    const one = dated(happening);
    history.add(one);
    return one;
  };
  if (initial.history === undefined)
    remember({ level: 'info', text: `asked to open ${initial.specificationPath}`, state: stateOf(initial) });
  else if (initial.closedAt === undefined) remember({ level: 'info', text: 'portald was started again' });
  const say = ({ state: _state, ...happening }: Happening): void => {
    const { level, text } = happening;
    log[level === 'warning' ? 'warn' : level]({ portal: record.name }, text);
    listener.said({ ...happening, portal: record.name });
  };
  let actedAt = 0;
  let waitingFor: Difficulty | undefined;
  let restedMs = restMs;
  let shown = '';

  const trouble = createStepTrouble(now);
  let unsaved: PortalError | undefined;
  const save = async (next: PortalRecord): Promise<void> => {
    try {
      await parts.save(next);
    } catch (error) {
      unsaved = told(error);
      throw unsaved;
    }
    // The record that can be written again is the one that every step failed to write.
    if (unsaved !== undefined) trouble.cured(unsaved.message);
    unsaved = undefined;
  };
  const told = (error: unknown): PortalError =>
    error instanceof PortalError ? error : parts.unexpected(error, `portal ${initial.name}`);

  const kick = (): void => runner.kick();
  const context: PortalContext = {
    ...parts,
    record: () => record,
    change(edit, causes = []) {
      // One after the other, and on disk before anybody sees it: what is acted upon is never lost.
      const changed = writing.then(async () => {
        const edited = edit(record);
        const told = causes.map(dated);
        const [before, after] = [stateOf(record), stateOf(edited)];
        const came = dated({ level: 'info', text: `${before} → ${after}`, state: after });
        const happened = after === before ? told : [...told, came];
        const next = { ...edited, history: history.with(happened) };
        await save(next);
        // Not before: a change that could not be written is tried again, and happens once.
        for (const one of happened) history.add(one);
        record = next;
        for (const one of told) say(one);
      });
      writing = changed.catch(() => undefined);
      return changed;
    },
    links: new Map(),
    mounts: new Map(),
    tasks: createTaskBoard({ now, ended: kick, unexpected: parts.unexpected }),
    channels: createChannelSet(
      () => mountedChannels(record.specification),
      parts.openChannel,
      kick,
      (index) => record.pausedChannels?.includes(index) === true,
    ),
    kick,
    tell: (level, text) => say(remember({ level, text })),
  };
  const observer = createObserver(context);

  const currentView = (): PortalView =>
    portalView(record, observation, step, context.channels.views(), trouble.current() ?? waitingFor);
  const show = (): void => {
    let view: PortalView;
    try {
      view = currentView();
    } catch (error) {
      // Told by its id in the log; the loop of this portal and all others go on.
      parts.unexpected(error, `showing portal ${record.name}`);
      return;
    }
    const text = JSON.stringify(view);
    if (text === shown) return;
    shown = text;
    listener.changed(view);
  };

  /** What is waited for is told once, and shown for as long as it is waited for it. */
  const noteWaiting = ({ step: { kind }, trouble: told }: Decision): void => {
    if (kind !== 'wait') return;
    if (told !== undefined && told.message !== waitingFor?.message) context.tell('warning', told.message);
    waitingFor = told && { ...told, since: waitingFor?.since ?? now() };
    show();
  };

  const turn = async (): Promise<number> => {
    let taken: Step | undefined;
    try {
      if (record.closedAt !== undefined) {
        show();
        return 3_600_000;
      }
      const seen = await observer.observe({ notBefore: actedAt, maximumAgeMs: restedMs });
      observation = { ...seen, resting: trouble.resting() };
      const decision = decide(record, observation);
      if (decision.what !== step.what) step = { what: decision.what, reason: decision.reason, since: now() };
      else step = { ...step, reason: decision.reason };
      show();
      if (decision.step.kind !== 'wait')
        log.debug({ portal: record.name, step: decision.step }, decision.what);
      noteWaiting(decision);
      taken = decision.step;
      const outcome: Outcome = await execute(decision.step, context);
      const times = trouble.succeeded(decision.step);
      if (outcome.told !== undefined && times === 1) context.tell('info', outcome.told);
      const acted = decision.step.kind !== 'wait';
      if (cloudSteps.has(decision.step.kind)) actedAt = now();
      restedMs = acted ? restMs : Math.min(restMs, outcome.againMs);
      return outcome.againMs;
    } catch (error) {
      const failed = told(error);
      const failures = trouble.failed(taken, failed);
      if (failures === 1) context.tell('warning', failed.message);
      const forMs = now() - (trouble.current()?.since ?? now());
      if (isHopeless(failed.kind, failures, forMs) && !isEnding(taken)) await giveUpOpening(failed);
      actedAt = now();
      show();
      // What failed rests; the rest of the portal's life goes on.
      return taken === undefined ? restPauseMs(failures) : 0;
    }
  };
  /** An old instance that cannot be ended is no reason to end the new one. */
  const isEnding = (taken: Step | undefined): boolean => taken !== undefined && endingSteps.has(taken.kind);
  /** A first opening that AWS refuses for good must not go on billing. If it cannot be written down, its next failure comes here. */
  const giveUpOpening = async ({ kind, message, hint }: PortalError): Promise<void> => {
    if (record.everOpen || record.wish === 'closed') return;
    const failure = { kind, message, at: now(), ...(hint !== undefined && { hint }) };
    const giveUp: Step = { kind: 'fail', failure };
    await execute(giveUp, context).catch((error: unknown) => trouble.failed(giveUp, told(error)));
  };
  const runner = startRunner(turn, () => performance.now());

  return {
    record: () => record,
    view: currentView,
    history: history.entries,
    isTicking: runner.isTicking,
    async close() {
      await context.change(({ failure, ...old }) => {
        if (old.closedAt !== undefined) return old;
        const known = failure === undefined ? old : { ...old, failure };
        return old.wish === 'closed' ? known : { ...known, wish: 'closed', wishedAt: now() };
      });
      trouble.forget();
      kick();
    },
    synchronise: (index, signal) => context.channels.synchroniseNow(index, signal),
    async reload(text, specification, rootDevice) {
      await context.change(
        (old) => reloaded(old, text, specification, rootDevice),
        [{ level: 'info', text: `read ${record.specificationPath} anew` }],
      );
      await context.channels.adopt();
      trouble.forget();
      kick();
    },
    async setPaused(index, isPaused) {
      await context.change((old) => {
        const all = old.specification.channels.map((_, one) => one);
        const paused = (one: number): boolean =>
          index === undefined || one === index ? isPaused : old.pausedChannels?.includes(one) === true;
        return { ...old, pausedChannels: all.filter(paused) };
      });
      await context.channels.heedWishes();
      kick();
    },
    growFileSystem: (volumeId, sizeGiB) => growFileSystem(context, volumeId, sizeGiB),
    flushVolumes: () => flushVolumes(context),
    async end() {
      const stopped = runner.stop();
      // Closing the connections first makes what waits for an instance end, so that the turn can.
      const closing = [...context.links.values()].map((link) => link.close());
      await Promise.all([context.channels.close(), ...closing]);
      // For good: the turn under way may want to start another one.
      await context.tasks.end();
      await stopped;
      await Promise.all([...context.links.values()].map((link) => link.close()));
      await context.channels.close();
      await writing;
      // What was told since the last change. That it is lost with a full disk harms nobody.
      if (record.closedAt === undefined)
        await context
          .change((old) => old)
          .catch((error: unknown) => log.debug({ err: error }, 'history not kept'));
      parts.view.forget(record.name);
    },
  };
}
