// Applies what an instance sends of its own accord: an rsync reads each batch, behind the guard. To a batch it applies no
// filters: for a channel that does not take everything, it reads it into a folder that holds nothing else, and another one
// takes from there what a pull of the channel would take. Both wait before they are needed. One batch at a time. It never
// deletes, and what it refuses is left to a pass.
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { inboundReaderWords, readerTimeoutSeconds, unstagingWords } from './batch-arguments.ts';
import { createBatchGuard } from './batch-guard.ts';
import { type ChildResult, type StartedChild, startChild } from './child.ts';
import { lookAt } from './local-source.ts';
import { withMemoryLimit } from './memory-limit.ts';
import { namePrefix } from './rsync-arguments.ts';

export interface BatchApplier {
  /** A batch begins. */
  begin(): Promise<void>;
  /** The next bytes of it; resolves when more can be taken. Never rejects. */
  take(bytes: Buffer): Promise<void>;
  /** It is over; `code` is that of its writer. Resolves to `applied`, or to why it was not. Never rejects. */
  end(code: number): Promise<string>;
  /** Ends what waits or runs, and removes what was staged. */
  close(): Promise<void>;
}

/** Where batches go, and what of them is taken. */
export interface BatchTarget {
  /** As rsync is to run it: its `exclude` names the own files, too. */
  readonly channel: ChannelSpecification;
  /** Ends with a slash. */
  readonly localRoot: string;
  /** rsync's, of the writer on the instance. */
  readonly protocol: number;
  /** Whether `channel` still names all own files. Never rejects. */
  readonly coversOwnFiles: () => Promise<boolean>;
}

export interface ApplyParts {
  /** Only the user can read it, and it is emptied when portald starts. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => number;
}

/** What waits for one batch. */
interface Stage {
  /** Of its own, where the batch does not go to the channel's folder at once. */
  readonly folder: string | undefined;
  readonly reader: StartedChild;
  /** Takes over what was read; there is none where it is read to the channel's folder. */
  readonly taker: StartedChild | undefined;
  /** Of the channel's folder; another may come in its place. */
  readonly inode: number;
  readonly startedAt: number;
  /** Whether one of the two has ended. */
  readonly isEnded: () => boolean;
  /** One writes to the channel's folder from now on. */
  readonly writes: () => void;
  /** Ends both. */
  readonly stop: () => void;
}

/** One that has waited for longer may be about to give up. */
const freshMs = (readerTimeoutSeconds - 20) * 1000;
const longestBatchMs = 60_000;
/** Of each rsync: a batch of the watcher names few files; the rest is what the program itself takes. */
const batchMemoryBytes = 256 * 1024 * 1024;
/** From the end of the bytes to the reader's: what was cut makes it wait for the rest. */
const longestEndMs = 5000;

/** Starts what waits for the first batch. */
export function applyBatches(target: BatchTarget, parts: ApplyParts): BatchApplier {
  const inner = namePrefix(target.channel.remote_path, target.channel.recursive === true);
  let isClosed = false;
  let waiting = startAhead();
  let current: Stage | undefined;
  let guard = createBatchGuard(target.protocol);
  let problem: string | undefined;
  /** Of the channel's own folder: not the batch's to change. */
  let mode: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let discarded = Promise.resolve();

  /** Undefined if it could not be started: that is tried again, and reported, when one is needed. */
  function startAhead(): Promise<Stage | undefined> {
    return startStage(target, parts, inner).catch(() => undefined);
  }
  const discard = (stage: Stage | undefined): void => {
    if (stage === undefined) return;
    stage.stop();
    discarded = Promise.all([discarded, removed(stage)]).then(() => undefined);
  };
  const refuse = (why: string): void => {
    problem ??= why;
    current?.stop();
  };
  const within = async (child: StartedChild, limitMs: number, late: string): Promise<ChildResult> => {
    clearTimeout(timer);
    timer = setTimeout(() => refuse(late), limitMs);
    const result = await child.result.catch(() => notStarted);
    clearTimeout(timer);
    return result;
  };
  const apply = async (stage: Stage): Promise<string> => {
    const { reader, taker, folder } = stage;
    reader.stdin.end();
    const read = await within(reader, longestEndMs, 'it is not whole');
    if (problem !== undefined || read.code !== 0) return problem ?? endOf('reads it', read);
    if (taker === undefined) return 'applied';
    if (mode !== undefined) await chmod(`${folder}/${inner}`, mode);
    stage.writes();
    taker.stdin.end(`./${inner}\0`);
    const taken = await within(taker, longestBatchMs, 'it took too long');
    return problem ?? (taken.code === 0 ? 'applied' : endOf('takes it over', taken));
  };

  return {
    async begin() {
      guard = createBatchGuard(target.protocol);
      problem = undefined;
      mode = undefined;
      let stage = await waiting;
      waiting = Promise.resolve(undefined);
      const isOld = stage !== undefined && parts.now() - stage.startedAt > freshMs;
      if (stage === undefined || isOld || stage.isEnded()) {
        discard(stage);
        stage = await startStage(target, parts, inner);
      }
      // Closed while it was waited for: nothing else would end it, or remove its folder.
      if (isClosed) return discard(stage);
      current = stage;
      timer = setTimeout(() => refuse('it took too long'), longestBatchMs);
      const root = await lookAt(target.localRoot);
      if (root.kind !== 'folder' || root.inode !== stage.inode) return refuse('the folder here was replaced');
      ({ mode } = root);
      if (!(await target.coversOwnFiles())) refuse("a file of portald's own came into the folder");
    },
    async take(bytes) {
      if (current === undefined || problem !== undefined) return;
      const { stdin, exited } = current.reader;
      if (current.taker === undefined) current.writes();
      try {
        const isRoom = stdin.write(guard.pass(bytes));
        if (!isRoom) await Promise.race([once(stdin, 'drain').catch(() => {}), exited]);
      } catch (error) {
        refuse(error instanceof Error ? error.message : String(error));
      }
    },
    async end(code) {
      const stage = current;
      if (stage === undefined) return 'none was begun';
      if (code !== 0) refuse(`rsync on the instance ended with code ${code}`);
      // Not when it began: starting a program would hold up its bytes.
      if (!isClosed) waiting = startAhead();
      const outcome = await apply(stage).catch((error: unknown) => String(error));
      if (stage.taker === undefined && mode !== undefined) await keepMode(target.localRoot, mode);
      current = undefined;
      discard(stage);
      return outcome;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      discard(current);
      discard(await waiting);
      waiting = Promise.resolve(undefined);
      await discarded;
    },
  };
}

const notStarted: ChildResult = { code: null, stdout: '', stderr: '' };

function endOf(what: string, { code, stderr }: ChildResult): string {
  return `the rsync that ${what} ended with code ${String(code)} ${stderr.trim().split('\n')[0] ?? ''}`.trim();
}

async function startStage(target: BatchTarget, parts: ApplyParts, inner: string): Promise<Stage> {
  const { channel, localRoot } = target;
  const takesEverything = channel.recursive === true && (channel.exclude ?? []).length === 0;
  const { inode } = await lookAt(localRoot);
  const folder = takesEverything ? undefined : await mkdtemp(join(parts.folder, 'batch-'));
  const stopping = new AbortController();
  const start = (words: readonly string[]): StartedChild => {
    const child = startChild(withMemoryLimit(words, batchMemoryBytes), {
      environment: parts.environment,
      signal: stopping.signal,
    });
    child.result.catch(() => {}); // `within` handles it
    void child.exited.then(() => (isEnded = true));
    return child;
  };
  let isEnded = false;
  let isWriting = false;
  try {
    if (folder !== undefined) await mkdir(`${folder}/${inner}`, { recursive: true });
    const isStaged = folder !== undefined;
    const reader = start(inboundReaderWords(isStaged ? `${folder}/${inner}` : localRoot, isStaged));
    const taker = isStaged ? start(unstagingWords(channel, `${folder}/`, localRoot)) : undefined;
    const writer = taker ?? reader;
    return {
      folder,
      reader,
      taker,
      inode,
      startedAt: parts.now(),
      isEnded: () => isEnded,
      writes: () => (isWriting = true),
      stop() {
        // Only one that has begun to write has something to put in order, for which rsync takes half a second.
        if (!isWriting || reader !== writer) reader.kill();
        if (!isWriting) writer.kill();
        stopping.abort();
      },
    };
  } catch (error) {
    stopping.abort();
    await removeStaged(folder);
    throw error;
  }
}

/** Resolves once both are gone, and what was staged with them. Never rejects. */
async function removed({ folder, reader, taker }: Stage): Promise<void> {
  await Promise.allSettled([reader.result, taker?.result]);
  await removeStaged(folder);
}

/** What cannot be removed goes when portald starts again. */
async function removeStaged(folder: string | undefined): Promise<void> {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => {});
}

async function keepMode(folder: string, mode: number): Promise<void> {
  const now = await lookAt(folder).catch(() => undefined);
  if (now?.kind === 'folder' && now.mode !== mode) await chmod(folder, mode).catch(() => {});
}
