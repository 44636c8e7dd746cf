// Steps of a generation's life: notice, drain, release, its successor's taking over, its end.

import { PortalError } from '../../protocol/errors.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { atOnce, generationOf, linkOf, type Outcome, type PortalContext } from './context.ts';
import { disconnect } from './disconnect.ts';
import type { RemoteLink } from './gateways.ts';
import { withEnd, withNotice, withReady } from './launch-outcome.ts';
import { leftByPause, leftWithoutRunning, lossesOf } from './losses.ts';
import { mountsOf } from './mounted-channels.ts';
import { noticeWords } from './notice-words.ts';
import { partingWords } from './parting-words.ts';
import { type GenerationRecord, withGeneration } from './record.ts';
import type { StepOf } from './steps.ts';
import { runUserCommands } from './user-commands.ts';

/** Left of the two minutes for the release when the user's commands use all they may. */
const hookReserveMs = 40_000;
const flushEveryMs = 3000;

export async function noteNotice(step: StepOf<'note-notice'>, context: PortalContext): Promise<Outcome> {
  const { notice, generation } = step;
  const { instanceId = '', notice: known } = generationOf(context, generation);
  const text = `${noticeWords(instanceId, notice, context.now())}; moving to a new instance`;
  await context.change(
    (record) => withNotice(record, generation, notice, context.now(), context.random()),
    // A second witness corrects the deadline; the notice itself is no news any more.
    known === undefined ? [{ level: 'warning', text }] : [],
  );
  return atOnce;
}

export async function noteGone(step: StepOf<'note-gone'>, context: PortalContext): Promise<Outcome> {
  const { generation, reason } = step;
  const { instanceId } = generationOf(context, generation);
  const losses = lossesOf(context.record(), generation, context.channels.views());
  await disconnect(generation, context);
  await context.change(
    (record) => withEnd(record, generation, reason, context.now(), context.random()),
    [
      ...(instanceId === undefined
        ? []
        : [{ level: 'info' as const, text: `${instanceId} is gone (${reason})` }]),
      ...losses.map((text) => ({ level: 'warning' as const, text })),
    ],
  );
  return atOnce;
}

export async function retireGeneration(
  step: StepOf<'retire-generation'>,
  context: PortalContext,
): Promise<Outcome> {
  await disconnect(step.generation, context);
  await context.change((record) => {
    const generations = record.generations.filter((one) => one.number !== step.generation);
    const retired = record.generations.find((one) => one.number === step.generation);
    // A number that never had an instance is used again, so that numbers count instances.
    const unused = retired?.instanceId === undefined && record.nextGeneration === step.generation + 1;
    return { ...record, generations, nextGeneration: unused ? step.generation : record.nextGeneration };
  });
  return atOnce;
}

export async function hold(step: StepOf<'hold'>, context: PortalContext): Promise<Outcome> {
  await context.change((record) => ({ ...record, holder: step.generation }));
  return atOnce;
}

export async function noteReady(step: StepOf<'note-ready'>, context: PortalContext): Promise<Outcome> {
  const { everOpen: again, specification } = context.record();
  const isPacked =
    (specification.spot_instance.extra_python_packages?.length ?? 0) === 0 ||
    generationOf(context, step.generation).packagesAt !== undefined;
  const recovered = isPacked
    ? 'recovered: everything is in place again'
    : 'recovered: the portal can be used again; the Python packages are still being installed';
  await context.change(
    (record) => withReady(record, step.generation, context.now()),
    [{ level: 'info', text: again ? recovered : 'everything is in place' }],
  );
  return atOnce;
}

/** Runs the user's commands, fetches what is inbound, then flushes the file systems until the release. */
export function drain(step: StepOf<'drain'>, context: PortalContext): Promise<Outcome> {
  const { generation } = step;
  const { notice } = generationOf(context, generation);
  const leftMs = (notice?.deadline ?? 0) - context.now();
  context.tasks.start(generation, 'drain', async (signal) => {
    const link = linkOf(context, generation);
    if (generationOf(context, generation).interruptionCommandsAt === undefined) {
      const timeoutMs = Math.max(2000, leftMs - hookReserveMs);
      await runUserCommands('on_interruption', { generation, timeoutMs, signal }, context);
      await context.change((record) =>
        withGeneration(record, generation, { interruptionCommandsAt: context.now() }),
      );
    }
    const syncMs = Math.max(2000, Math.min(60_000, leftMs / 2));
    for (const failed of await context.channels.synchronise(['in'], syncMs, signal))
      context.tell('warning', failed);
    await context.change((record) => withGeneration(record, generation, { drainedAt: context.now() }));
    context.kick();
    while (!signal.aborted) {
      await link.flush().catch(() => undefined);
      await context.sleep(flushEveryMs, signal);
    }
  });
  return Promise.resolve(atOnce);
}

/** For the shared connection, which comes a moment after the other one. */
const channelPatienceMs = 5000;
const channelLookMs = 100;

/** Stops the channels after a last synchronisation and unmounts the volumes, in this order. */
export function release(step: StepOf<'release'>, context: PortalContext): Promise<Outcome> {
  const { generation, timeoutMs } = step;
  const isFirst = !context.tasks.statuses(generation).has('release');
  context.tasks.start(generation, 'release', async (signal) => {
    const link = linkOf(context, generation);
    await context.tasks.stop(generation, 'drain');
    const { notice, interruptionCommandsAt } = generationOf(context, generation);
    const { wish, specification } = context.record();
    if (
      wish === 'open' &&
      notice !== undefined &&
      interruptionCommandsAt === undefined &&
      specification.on_interruption?.length
    )
      context.tell('warning', 'on_interruption was not run to its end: too little time was left');
    // It must not mount a volume again that has just been unmounted.
    await context.tasks.stop(generation, 'mount-volumes');
    // It may have been closed meanwhile.
    const { wish: wishNow, everOpen } = context.record();
    const isClosing = wishNow === 'closed';
    // Channels that do not run, as after a restart of portald, get their last chance, too. A portal that never was open has
    // nothing to catch up on, and its instance is not to be paid for any longer.
    if (isClosing && isFirst && everOpen && context.channels.runsOn() !== generation)
      // What cannot be done is told below.
      await takeUpChannels(generation, link, context, signal).catch(() => undefined);
    if (context.channels.runsOn() === generation) {
      // After a handover the next instance gets what is outbound anyway; before a closing it is the last chance.
      const directions = isClosing ? (['in', 'out'] as const) : (['in'] as const);
      for (const failed of await context.channels.synchronise(directions, timeoutMs, signal)) {
        context.tell('warning', `the last synchronisation failed: ${failed}`);
      }
      await context.channels.pause('the instance is let go; it goes on by itself on the next one');
    } else if (isFirst && isClosing) {
      for (const left of leftWithoutRunning(context.record(), context.channels.views()))
        context.tell('warning', left);
    }
    context.mounts.delete(generation);
    for (const volume of context.record().specification.persistent_volumes.toReversed()) {
      await letGo(volume, link, context, signal);
    }
    await context.change((record) => withGeneration(record, generation, { releasedAt: context.now() }));
    for (const left of leftByPause(context.record(), context.channels.views())) context.tell('warning', left);
    const { done } = partingWords(context.record().specification);
    if (done !== undefined) {
      context.tell('info', `${instanceOf(generationOf(context, generation))} ${done}`);
    }
  });
  return Promise.resolve(atOnce);
}

/** Starts the channels once more, unless what they lie on is not mounted, or the instance cannot be used for them soon. */
async function takeUpChannels(
  generation: number,
  link: RemoteLink,
  context: PortalContext,
  signal: AbortSignal,
): Promise<void> {
  const { specification } = context.record();
  if (specification.channels.length === 0) return;
  const mounts = await link.inspectVolumes(specification.persistent_volumes);
  if (!mounts.every((mount) => mount.mounted)) return;
  const until = context.now() + channelPatienceMs;
  while (link.transport() === undefined && context.now() < until && !signal.aborted)
    await context.sleep(channelLookMs, signal);
  const transport = link.transport();
  if (transport === undefined || signal.aborted) return;
  context.channels.start(generation, transport, (channel) => mountsOf(channel, specification, mounts));
}

/** Unmounts one volume and tells whose work that ended, or who still holds it. */
async function letGo(
  volume: VolumeSpecification,
  link: RemoteLink,
  context: PortalContext,
  signal: AbortSignal,
): Promise<void> {
  try {
    const evicted = await link.unmountVolume(volume, { evict: true });
    if (evicted.length === 0) return;
    context.tell('warning', `ended what still used ${volume.mount_point}: ${evicted.join(', ')}`);
  } catch (error) {
    // What was called off, or cut, says nothing of the volume, and is tried again.
    const isAnswer = !signal.aborted && link.status().state === 'connected';
    if (isAnswer && error instanceof PortalError) context.tell('warning', error.message);
    throw error;
  }
}

function instanceOf(generation: GenerationRecord): string {
  return generation.instanceId ?? `generation ${generation.number}`;
}
