// One step done to record, memory and region, as the executors do it (execute*.ts). The table is typed by the union of
// steps: a new kind without its model does not compile.
import { withEnd, withNotice, withReady } from '../../../daemon/portal/launch-outcome.ts';
import { withHungAttachment } from '../../../daemon/portal/record.ts';
import type { Step, StepKind, StepOf, TaskKind } from '../../../daemon/portal/steps.ts';
import { abandonPool, adopt, beginGeneration, cancel, demand, end, request } from './apply-launch.ts';
import { attach, detach } from './calls.ts';
import { changeGeneration, type Life } from './machine-side.ts';
import { disconnect, endTask, startTask, taskIn } from './memory.ts';

type Models = { readonly [K in StepKind]: (life: Life, step: StepOf<K>) => number };

const models: Models = {
  wait: (_life, { ms }) => ms,
  'note-notice'(life, { generation, notice }) {
    life.record = withNotice(life.record, generation, notice, life.region.now, life.chance.next());
    return 0;
  },
  'note-gone'(life, { generation, reason }) {
    disconnect(life.memory, generation);
    life.record = withEnd(life.record, generation, reason, life.region.now, life.chance.next());
    return 0;
  },
  'begin-generation': beginGeneration,
  'request-fleet': request,
  'adopt-instance': adopt,
  'abandon-pool': abandonPool,
  'abandon-spare': (life, { generation }) => changed(life, generation, { abandonedAt: life.region.now }),
  'cancel-fleet': cancel,
  'terminate-instance': end,
  'retire-generation'(life, { generation }) {
    disconnect(life.memory, generation);
    const { record } = life;
    const retired = record.generations.find((one) => one.number === generation);
    const unused = retired?.instanceId === undefined && record.nextGeneration === generation + 1;
    const generations = record.generations.filter((one) => one.number !== generation);
    life.record = { ...record, generations, nextGeneration: unused ? generation : record.nextGeneration };
    return 0;
  },
  connect,
  'read-console-keys'(life, { generation }) {
    if (life.chance.happens(0.5)) return 5000;
    return changed(life, generation, { hostKeys: ['ssh-ed25519 PRINTED'] });
  },
  'pin-host-key': (life, { generation, hostKey }) => changed(life, generation, { hostKeys: [hostKey] }),
  'confirm-host-key': (life, step) => begin(life, step, 120_000),
  'inspect-volumes': (life, step) => begin(life, step, 200),
  'attach-volume'(life, { generation, volumeId }) {
    const { instanceId = '' } = life.record.generations.find((one) => one.number === generation) ?? {};
    life.memory.mounts.delete(generation);
    return demand(life, () => attach(life.region, volumeId, instanceId, life.chance)) + 250;
  },
  'detach-volume'(life, { volumeId, instanceId, hungOn }) {
    const ms = demand(life, () => detach(life.region, volumeId, instanceId, life.chance)) + 250;
    if (hungOn !== undefined) life.record = withHungAttachment(life.record, hungOn);
    return ms;
  },
  'mount-volumes'(life, step) {
    const one = life.record.generations.find((each) => each.number === step.generation);
    if (one?.mountingAt === undefined) changed(life, step.generation, { mountingAt: life.region.now });
    return begin(life, step, 4000);
  },
  hold(life, { generation }) {
    life.record = { ...life.record, holder: generation };
    return 0;
  },
  'install-packages': (life, step) => begin(life, step, 60_000),
  'start-channels'(life, { generation }) {
    const link = life.memory.links.get(generation);
    if (link === undefined) throw new Error('no connection');
    if (life.region.now < link.transportFrom) return 200;
    life.memory.channelsOn = generation;
    return 0;
  },
  'run-on-open': (life, step) => begin(life, step, 5000, 0),
  'note-ready'(life, { generation }) {
    life.record = withReady(life.record, generation, life.region.now);
    return 0;
  },
  drain(life, { kind, generation }) {
    const fails = life.stormy && life.chance.happens(0.1);
    const ms = fails ? 3000 : Number.POSITIVE_INFINITY;
    startTask(life.memory, life.region.now, generation, kind, { ms, fails });
    return 0;
  },
  release(life, step) {
    const { memory, region } = life;
    const drain = taskIn(memory, step.generation, 'drain');
    if (drain?.status.state === 'running')
      endTask(drain, drain.fixture === 2 ? 'done' : 'failed', region.now);
    if (memory.channelsOn === step.generation) memory.channelsOn = 0;
    memory.mounts.delete(step.generation);
    return begin(life, step, step.timeoutMs);
  },
  fail(life, { failure }) {
    for (const one of life.record.generations) {
      if (one.hostKeyDisprovedAt !== undefined) disconnect(life.memory, one.number);
    }
    life.record = { ...life.record, failure, wish: 'closed', wishedAt: life.region.now };
    return 0;
  },
  'finish-close'(life) {
    life.memory.channelsOn = 0;
    life.record = { ...life.record, closedAt: life.region.now, holder: 0 };
    return 0;
  },
};

/** Does one step; after how many milliseconds the loop wants to decide again. */
export function apply(life: Life, step: Step): number {
  // The table's type pairs every kind with its own step; the compiler cannot follow that through an index.
  const model = models[step.kind] as (life: Life, step: Step) => number;
  return model(life, step);
}

function changed(life: Life, generation: number, change: Parameters<typeof changeGeneration>[2]): number {
  changeGeneration(life, generation, change);
  return 0;
}

function connect(life: Life, { generation }: StepOf<'connect'>): number {
  const { instanceId } = life.record.generations.find((one) => one.number === generation) ?? {};
  const { now } = life.region;
  if (instanceId === undefined || life.memory.snapshot?.instances.get(instanceId)?.address === undefined)
    return 500;
  life.memory.links.set(generation, {
    instanceId,
    status: { state: 'connecting', since: now, failedAttempts: 0, rebalanceRecommended: false },
    nextAttemptAt: now + 300,
    transportFrom: now,
  });
  return 0;
}

/** Starts a task that takes up to so long and fails now and then; without a connection it fails at once. */
function begin(
  life: Life,
  step: { readonly kind: TaskKind; readonly generation: number },
  longestMs: number,
  failing = 0.15,
): number {
  const { memory, region, chance, stormy } = life;
  const connected = memory.links.has(step.generation);
  const ms = connected ? chance.between(50, longestMs) : 0;
  const fails = !connected || (stormy && chance.happens(failing));
  startTask(memory, region.now, step.generation, step.kind, { ms, fails });
  return 0;
}
