// Steps that attach, format (once, if proved blank), mount and detach volumes.
import { PortalError } from '../../protocol/errors.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { atOnce, generationOf, linkOf, type Outcome, type PortalContext } from './context.ts';
import { formatOnce } from './format-once.ts';
import type { MountOutcome, RemoteLink } from './gateways.ts';
import { withGeneration, withHungAttachment } from './record.ts';
import type { StepOf } from './steps.ts';

/** How long an attached volume may take to show up as a device on the instance. */
const deviceTimeoutMs = 30_000;

export async function attachVolume(step: StepOf<'attach-volume'>, context: PortalContext): Promise<Outcome> {
  const { instanceId = '' } = generationOf(context, step.generation);
  const volume = specificationOf(context, step.volumeId);
  context.mounts.delete(step.generation);
  await context.cloud.attachVolume(step.volumeId, instanceId, volume.device);
  return { againMs: 250, told: `attaching ${step.volumeId} to ${instanceId} as ${volume.device}` };
}

export async function detachVolume(step: StepOf<'detach-volume'>, context: PortalContext): Promise<Outcome> {
  await context.cloud.detachVolume(step.volumeId, step.instanceId);
  const { hungOn } = step;
  if (hungOn !== undefined) await context.change((record) => withHungAttachment(record, hungOn));
  return { againMs: 250, told: `detaching ${step.volumeId} from ${step.instanceId}` };
}

export function inspectVolumes(step: StepOf<'inspect-volumes'>, context: PortalContext): Promise<Outcome> {
  context.tasks.start(step.generation, 'inspect-volumes', () => inspect(step.generation, context));
  return Promise.resolve(atOnce);
}

export async function mountVolumes(step: StepOf<'mount-volumes'>, context: PortalContext): Promise<Outcome> {
  const { generation } = step;
  if (generationOf(context, generation).mountingAt === undefined) {
    await context.change((record) => withGeneration(record, generation, { mountingAt: context.now() }));
  }
  context.tasks.start(generation, 'mount-volumes', async (signal) => {
    const volumes = context.record().specification.persistent_volumes;
    const link = linkOf(context, generation);
    for (const volume of volumes) {
      if (volume.format === true) {
        await onceShown(volume, () => isShown(volume, link), context, signal);
        await formatOnce(volume, link, context);
      }
      // The user waits: it is mounted without a look before, which would be another way there and back.
      let outcome: MountOutcome = 'absent';
      const mount = async (): Promise<boolean> => {
        outcome = await link.mountVolume(volume);
        return outcome !== 'absent';
      };
      await onceShown(volume, mount, context, signal);
      tellMounted(volume, outcome, context);
    }
    await inspect(generation, context);
  });
  return atOnce;
}

function tellMounted(
  { volume_id: id, mount_point: point }: VolumeSpecification,
  outcome: MountOutcome,
  context: PortalContext,
): void {
  context.tell('info', `mounted ${id} on ${point}`);
  if (outcome !== 'mounted over files') return;
  context.tell(
    'warning',
    `the image has files of its own in ${point}, which ${id} hides while it is mounted there`,
  );
}

async function inspect(generation: number, context: PortalContext): Promise<void> {
  const volumes = context.record().specification.persistent_volumes;
  context.mounts.set(generation, await linkOf(context, generation).inspectVolumes(volumes));
}

async function isShown(volume: VolumeSpecification, link: RemoteLink): Promise<boolean> {
  const [state] = await link.inspectVolumes([volume]);
  return state?.device !== undefined;
}

/** Attempts again and again while `attempt` says that the instance does not show the volume. */
async function onceShown(
  { volume_id: id }: VolumeSpecification,
  attempt: () => Promise<boolean>,
  context: PortalContext,
  signal: AbortSignal,
): Promise<void> {
  const until = context.now() + deviceTimeoutMs;
  while (!(await attempt())) {
    signal.throwIfAborted();
    if (context.now() > until) {
      throw new PortalError('mount', `the instance does not show volume ${id} as a block device`, {
        hint: 'look at lsblk on the instance; check persistent_volumes[].device',
      });
    }
    await context.sleep(200);
  }
}

function specificationOf(context: PortalContext, volumeId: string): VolumeSpecification {
  const found = context.record().specification.persistent_volumes.find((one) => one.volume_id === volumeId);
  if (found === undefined) throw new Error(`volume ${volumeId} is not in the specification`);
  return found;
}
