// Steps that attach, format (once, if proved blank), mount and detach volumes.
import { PortalError } from '../../protocol/errors.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { atOnce, generationOf, linkOf, type Outcome, type PortalContext } from './context.ts';
import { formatOnce } from './format-once.ts';
import type { RemoteLink } from './gateways.ts';
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
    const group = context.record().everOpen ? undefined : tellGroup(link, context);
    for (const volume of volumes) {
      if (volume.format === true) {
        await onceShown(volume, () => isShown(volume, link), context, signal);
        await formatOnce(volume, link, context);
      }
      // The user waits: it is mounted without a look before, which would be another way there and back.
      const hidden: string[] = [];
      const mount = async (): Promise<boolean> => {
        const outcome = await link.mountVolume(volume);
        if (outcome.state === 'mounted') {
          hidden.push(...outcome.over);
          if (outcome.unchecked !== undefined)
            context.tell(
              'warning',
              `${volume.volume_id} was mounted without a check of its file system: the instance's e2fsck is too old for it (${outcome.unchecked}); a newer image could check it`,
            );
        }
        return outcome.state === 'mounted';
      };
      await onceShown(volume, mount, context, signal);
      tellMounted(volume, hidden, generation, context);
    }
    await inspect(generation, context);
    await group;
  });
  return atOnce;
}

/** Tells of a remote_group that cannot be meant; never rejects. */
async function tellGroup(link: RemoteLink, context: PortalContext): Promise<void> {
  const { remote_user: user, remote_group: group } = context.record().specification.spot_instance;
  const wrong = await link.checkGroup(user, group).catch(() => undefined); // the mount tells of a lost connection
  if (wrong === undefined) return;
  const what = wrong === 'missing' ? 'is no group of the instance' : `does not hold ${user}`;
  context.tell('warning', `remote_group ${group} ${what}: correct spot_instance.remote_group`);
}

function tellMounted(
  { volume_id: id, mount_point: point }: VolumeSpecification,
  hidden: readonly string[],
  generation: number,
  context: PortalContext,
): void {
  context.tell('info', `mounted ${id} on ${point}`);
  if (hidden.length === 0) return;
  const text =
    context.record().holder === generation
      ? `while ${id} was not mounted, files were written into the bare folder ${point}: ${hidden.join(', ')}; they lie under the volume now, and go with the instance (to see them: sudo mount --bind / /mnt; ls /mnt${point})`
      : `the image has files of its own in ${point}, which ${id} hides while it is mounted there`;
  context.tell('warning', text);
}

/** Looks what is mounted. Channels that ran on what is not there any more, or is another by now, are paused, and begin anew. */
async function inspect(generation: number, context: PortalContext): Promise<void> {
  const { persistent_volumes: volumes } = context.record().specification;
  const before = context.mounts.get(generation)?.volumes ?? [];
  const at = context.now();
  const found = await linkOf(context, generation).inspectVolumes(volumes);
  context.mounts.set(generation, { at, volumes: found });
  const changed = found.filter(({ volumeId, identity }) => {
    const known = before.find((one) => one.volumeId === volumeId);
    return known?.mounted === true && known.identity !== identity;
  });
  if (changed.length === 0) return;
  const { instanceId } = generationOf(context, generation);
  for (const { volumeId, mounted } of changed) {
    const { mount_point: point } = specificationOf(context, volumeId);
    if (!mounted)
      context.tell(
        'warning',
        `${volumeId} is not mounted on ${point} of ${instanceId} any more; mounting it again`,
      );
  }
  if (context.channels.runsOn() === generation)
    await context.channels.pause(
      'a volume that it needs is not mounted any more; it goes on by itself once it is',
    );
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
