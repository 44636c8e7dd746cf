// One channel: marks what is to be done, does it when it is due, and answers those who wait for it. It sends the files that
// changed by their names, or makes a pass over what has to be compared; while that takes its time, what is saved goes all the
// same.
import { PortalError } from '../../protocol/errors.ts';
import type { Channel } from '../portal/gateways.ts';
import { createAlarm } from './alarm.ts';
import { createAudit } from './audit.ts';
import type { Change } from './changed-files.ts';
import { dueTime, isSameSave } from './due-time.ts';
import type { Log } from './log.ts';
import { sendMeanwhile } from './meanwhile.ts';
import { createPending } from './pending.ts';
import { createTally } from './tally.ts';
import { createTransfer } from './transfer.ts';
import { createWaiters } from './waiters.ts';
import type { SourceWatch } from './watch-source.ts';
import type { Sent, Way, WayEvents, Ways } from './way.ts';

export interface ChannelParts {
  readonly ways: Ways;
  /** Starts watching the source; absent for one on the instance, which its way watches. */
  readonly watch: ((changed: (change?: Change) => void) => SourceWatch) | undefined;
  readonly delayMs: number;
  readonly now: () => number;
  readonly log: Log;
  readonly changed: () => void;
}

/** While synchronising fails, it is looked so often whether saves can be sent by their names meanwhile; that is not told. */
const lookMs = 250;

/** Starts watching. */
export function createChannel({ ways, watch, delayMs, now, log, changed }: ChannelParts): Channel {
  const alarm = createAlarm();
  const waiters = createWaiters();
  const pending = createPending();
  const audit = createAudit();
  // Each change is a mark; what was done last covers all marks up to `covered`.
  let marks = 0;
  let covered = 0;
  let firstMark = 0;
  let lastMark = 0;
  let firstName = 0;
  let isUrgent = false;
  const tally = createTally();
  const transfer = createTransfer(now, changed);
  let error: PortalError | undefined;
  let unmountedAt: number | undefined;
  let failingSince: string | undefined;
  let remark: string | undefined;
  let failures = 0;
  /** When a save was sent last that did not wait for the end of a failure. */
  let lastAhead = Number.NEGATIVE_INFINITY;
  let lastEnd = Number.NEGATIVE_INFINITY;
  let saveBegan = Number.NEGATIVE_INFINITY;
  let isPassing = false;
  /** The transport in use: aborting `stop` ends its loop, which `ended` tells. */
  let current:
    | { readonly stop: AbortController; readonly ended: Promise<void>; readonly way: () => Way | undefined }
    | undefined;

  const mark = (change?: Change): void => {
    if (!pending.hasNames()) firstName = now();
    pending.note(change);
    lastMark = now();
    if (marks === covered) firstMark = lastMark;
    marks++;
    alarm.wake();
  };
  const watching = watch?.(mark);

  const done = (covers: number): void => {
    covered = covers;
    failures = 0;
    error = undefined;
    failingSince = undefined;
    if (marks > covered) firstMark = lastMark;
    waiters.cover(covered);
  };
  const sendNames = async (way: Way, signal: AbortSignal): Promise<Sent> => {
    const noticedAt = firstName;
    const begun = now();
    const sent = await way.send(pending.takeNames());
    const { outcome, compared, isPassNeeded } = sent;
    pending.noteCompared(compared);
    if (isPassNeeded || signal.aborted) pending.note();
    if (outcome === 'sent') {
      tally.synchronised(sent, begun, now());
      tally.arrived(now() - noticedAt);
      audit.sent(now());
    }
    return sent;
  };
  /** Resolves to whether anything was done that the next has to keep its delay from. */
  const send = async (way: Way, covers: number, signal: AbortSignal): Promise<boolean> => {
    const { outcome } = await sendNames(way, signal);
    if (outcome === 'failed') isUrgent = true;
    if (!pending.isPassNeeded()) done(covers);
    return outcome !== 'nothing';
  };
  const pass = async (
    way: Way,
    { what, covers, signal }: { what: 'compared' | 'everything'; covers: number; signal: AbortSignal },
  ): Promise<boolean> => {
    const paths = pending.takeCompared(what);
    const begun = now();
    try {
      const result = await way.pass(signal, transfer.begin(), paths);
      signal.throwIfAborted();
      const isPart = 'isPart' in result && result.isPart;
      remark = 'remark' in result ? result.remark : (result.note ?? (isPart ? remark : undefined));
      if (isPart) audit.sent(now());
      else {
        done(covers);
        audit.passed(begun, now());
      }
      // A folder that came may not be watched.
      watching?.audit();
      if (!('remark' in result)) tally.synchronised(result, begun, now());
      return true;
    } catch (thrown) {
      pending.note();
      throw thrown;
    }
  };
  /** When what is pending by its names is to be sent, whatever else is, if such was sent last at `lastSent`. */
  const namesDue = (lastSent: number): number | undefined => {
    if (!pending.hasNames()) return undefined;
    const clock = { firstMark: firstName, lastMark, saveBegan, lastEnd: lastSent, delayMs, now: now() };
    const calm = { isUrgent: false, failures: 0, isPeriodic: false, auditAt: undefined };
    return dueTime({ ...clock, ...calm, isDirty: true });
  };
  /** Sends what is pending by its names, although something is to be compared; resolves to the names that were sent. */
  const sendAhead = async (way: Way, signal: AbortSignal): Promise<readonly string[]> => {
    if (!isSameSave({ firstMark: firstName, saveBegan })) saveBegan = firstName;
    const { outcome, names } = await sendNames(way, signal);
    return outcome === 'sent' ? names : [];
  };
  /** What is saved while a pass is under way is sent, and once more after it, which may have read an older copy. */
  const alongside = async (passing: Promise<unknown>, way: Way, signal: AbortSignal): Promise<void> => {
    const sent: string[] = [];
    await sendMeanwhile(passing, {
      alarm,
      now,
      signal,
      dueAt: namesDue,
      isReady: () => way.takesNames(),
      async send() {
        sent.push(...(await sendAhead(way, signal)));
      },
    });
    // Not told as saves that took so long.
    if (sent.length > 0) firstName = now();
    for (const path of sent) pending.note({ path });
  };
  const attempt = async (way: Way, signal: AbortSignal): Promise<void> => {
    const what = !isUrgent && failures === 0 && way.takesNames() ? pending.next() : 'everything';
    if (marks > covered && !isSameSave({ firstMark, saveBegan })) saveBegan = firstMark;
    isUrgent = false;
    isPassing = true;
    changed();
    let isCounted = true;
    try {
      if (what === 'names') isCounted = await send(way, marks, signal);
      else {
        const passing = pass(way, { what, covers: marks, signal });
        await alongside(passing, way, signal);
        isCounted = await passing;
        if (!pending.hasNames() && !pending.isPassNeeded()) done(marks);
        await way.tidy(signal);
      }
    } catch (thrown) {
      if (!signal.aborted) {
        failures++;
        failingSince ??= new Date(now()).toISOString();
        error = thrown instanceof PortalError ? thrown : unexpected(thrown);
        if (error.kind === 'mount') unmountedAt = now();
        log.warn({ error: error.message, cause: error.cause }, 'a synchronisation failed');
      }
    }
    isPassing = false;
    transfer.end();
    if (isCounted) lastEnd = now();
    changed();
  };
  const loop = async (way: Way, signal: AbortSignal): Promise<void> => {
    // What is under way is given a short time by it, and no more.
    signal.addEventListener('abort', () => void way.close(), { once: true });
    while (!signal.aborted) {
      const isPeriodic = watching === undefined ? !way.isTold() : watching.trouble() !== undefined;
      const auditAt = audit.dueAt();
      const clock = {
        firstMark,
        lastMark,
        saveBegan,
        isUrgent,
        lastEnd,
        failures,
        delayMs,
        isPeriodic,
        auditAt,
      };
      const due = dueTime({ ...clock, now: now(), isDirty: marks > covered });
      const aheadAt = failures > 0 ? namesDue(lastAhead) : undefined;
      if (due !== undefined && due <= now()) await attempt(way, signal);
      else if (aheadAt === undefined) await alarm.sleep(due === undefined ? undefined : due - now());
      else if (aheadAt > now()) await alarm.sleep(Math.min(aheadAt, due ?? aheadAt) - now());
      else if (!way.takesNames()) await alarm.sleep(Math.min(lookMs, (due ?? aheadAt + lookMs) - now()));
      else {
        await sendAhead(way, signal);
        lastAhead = now();
        changed();
      }
    }
    await way.close();
  };
  const stop = (): Promise<void> => {
    const stopping = current;
    current = undefined;
    stopping?.stop.abort();
    alarm.wake();
    return stopping?.ended ?? Promise.resolve();
  };
  const pause = async (because = 'the channel was paused'): Promise<void> => {
    const stopped = stop();
    waiters.giveUp(new PortalError('channel', because));
    failures = 0;
    error = undefined;
    failingSince = undefined;
    await stopped;
    changed();
  };

  const view = (): ReturnType<Channel['view']> => {
    const transferred = transfer.view();
    const note = remark ?? watching?.trouble() ?? current?.way()?.trouble();
    const unwatchedFolders = watching?.missed() ?? 0;
    return {
      state:
        current === undefined ? 'stopped' : isPassing ? 'synchronising' : failures > 0 ? 'retrying' : 'idle',
      ...tally.view(),
      ...(unwatchedFolders > 0 && { unwatchedFolders }),
      isPending: marks > covered,
      ...(marks > covered && { queue: { paths: pending.count(), isEverything: pending.isEverything() } }),
      ...(transferred !== undefined && { transfer: transferred }),
      ...(error !== undefined && { error: inWords(error) }),
      ...(failingSince !== undefined && { failingSince }),
      ...(note !== undefined && { note }),
    };
  };

  return {
    view,
    unmountedAt: () => unmountedAt,
    resume(transport) {
      const stopped = stop();
      const controller = new AbortController();
      mark();
      isUrgent = true;
      let way: Way | undefined;
      const events: WayEvents = {
        changed(change) {
          if (!controller.signal.aborted) mark(change);
        },
        arrived(moved, begunAt) {
          tally.synchronised(moved, begunAt, now());
          audit.sent(now());
          changed();
        },
      };
      const ended = stopped.then(() => {
        way = ways(transport, events);
        return loop(way, controller.signal);
      });
      current = { stop: controller, ended, way: () => way };
    },
    pause,
    synchronise({ timeoutMs, signal }) {
      if (current === undefined) return Promise.reject(new PortalError('channel', 'the channel is paused'));
      mark();
      isUrgent = true;
      const obstacle = (): string | undefined => error && inWords(error);
      return waiters.until(marks, { timeoutMs, signal, obstacle });
    },
    async close() {
      await pause();
      await watching?.close();
    },
  };
}

function inWords({ message, hint }: PortalError): string {
  return hint === undefined ? message : `${message} (${hint})`;
}

function unexpected(cause: unknown): PortalError {
  return new PortalError('channel', 'synchronising failed unexpectedly', { cause });
}
