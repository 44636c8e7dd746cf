// Values that have the right form and cannot be meant, by themselves or together.
import type { Mistake } from '../validate.ts';
import { absolutePath, isBelowOne } from './places.ts';
import { whyNotDevice, whyNotMountPoint } from './reserved-places.ts';
import type { ChannelSpecification, Specification, VolumeSpecification } from './schema.ts';

/** A specification of which every value that is there has the right form; those that had not are left out. */
export interface SpecificationSketch {
  readonly spot_instance?: Partial<Specification['spot_instance']>;
  readonly persistent_volumes?: readonly (Partial<VolumeSpecification> | undefined)[];
  readonly channels?: readonly (Partial<ChannelSpecification> | undefined)[];
}

/** Mistakes that no form shows. */
export function impossibleCombinations(sketch: SpecificationSketch): Mistake[] {
  const { spot_instance: instance = {}, persistent_volumes: volumes = [], channels = [] } = sketch;
  return [
    ...packagesWithoutPlace(instance),
    ...regionAsZone(instance),
    ...volumes.flatMap((volume, index) => [
      ...takenTwice(volume, index, volumes),
      ...unfitPlaces(volume, index, instance.remote_user ?? ''),
      ...insideAnother(volume, index, volumes),
    ]),
    ...channels.flatMap((channel, index) =>
      deletingTheLast(channel, index, volumes, instance.remote_user ?? ''),
    ),
    ...homesOfOthers(instance, channels),
    ...withNul(sketch, []),
  ];
}

/** Only a shell knows where they are; taken as it stands, `~bob/x` would be a folder of the name `~bob`. */
function homesOfOthers(
  { identity_file, python_virtual_env }: NonNullable<SpecificationSketch['spot_instance']>,
  channels: NonNullable<SpecificationSketch['channels']>,
): Mistake[] {
  const inFields = (fields: Readonly<Record<string, string | undefined>>, path: Mistake['path']): Mistake[] =>
    Object.entries(fields)
      .filter(([, value]) => value !== undefined && /^~[^/]/.test(value))
      .map(([field, value]) => ({
        path: [...path, field],
        atName: false,
        message: `${value} begins with the home folder of a user, which is not looked up; write its path out, or ./${value} for what has that name`,
      }));
  return [
    ...inFields({ identity_file, python_virtual_env }, ['spot_instance']),
    ...channels.flatMap((channel, index) =>
      inFields({ local_path: channel?.local_path, remote_path: channel?.remote_path }, ['channels', index]),
    ),
  ];
}

/** `us-east-1` of `us-east-1a`; local and wavelength zones have more parts, and end with a letter or a digit of their own. */
function regionAsZone({
  availability_zone: zone = '',
}: NonNullable<SpecificationSketch['spot_instance']>): Mistake[] {
  if (!/^[a-z]{2}(-[a-z]+){1,3}-\d$/.test(zone)) return [];
  const message = `${zone} is a Region; name one of its zones, such as ${zone}a`;
  return [{ path: ['spot_instance', 'availability_zone'], atName: false, message }];
}

type Volumes = NonNullable<SpecificationSketch['persistent_volumes']>;
type Volume = Volumes[number];

function packagesWithoutPlace(instance: NonNullable<SpecificationSketch['spot_instance']>): Mistake[] {
  const isWanted = (instance.extra_python_packages?.length ?? 0) > 0;
  if (!isWanted || 'python_virtual_env' in instance) return [];
  const message = 'needs "python_virtual_env": where should the packages go?';
  return [{ path: ['spot_instance', 'extra_python_packages'], atName: false, message }];
}

function takenTwice(volume: Volume, index: number, volumes: Volumes): Mistake[] {
  return (['volume_id', 'device', 'mount_point'] as const).flatMap((field) => {
    const value = volume?.[field];
    if (value === undefined) return [];
    const same = (other: Volume): boolean => trimSlash(other?.[field] ?? '') === trimSlash(value);
    const first = volumes.slice(0, index).findIndex(same);
    return first < 0 ? [] : [at(index, field, `"${value}" is already used by persistent_volumes[${first}]`)];
  });
}

function unfitPlaces(volume: Volume, index: number, user: string): Mistake[] {
  const { device, mount_point: point } = volume ?? {};
  const noDevice = device === undefined ? undefined : whyNotDevice(device);
  const noPoint = point === undefined ? undefined : whyNotMountPoint(point, user);
  return [
    ...(noDevice === undefined ? [] : [at(index, 'device', `${device} ${noDevice}`)]),
    ...(noPoint === undefined ? [] : [at(index, 'mount_point', `${point} ${noPoint}`)]),
  ];
}

function insideAnother(volume: Volume, index: number, volumes: Volumes): Mistake[] {
  const inner = trimSlash(volume?.mount_point ?? '');
  const outer = volumes.findIndex((other) => {
    const point = trimSlash(other?.mount_point ?? '');
    return point !== '' && inner.startsWith(`${point}/`);
  });
  if (outer < 0) return [];
  const message = `"${inner}" lies inside the mount point of persistent_volumes[${outer}]; give each volume a folder of its own`;
  return [at(index, 'mount_point', message)];
}

/**
 * The next instance has nothing of what an instance had on its own disk: an inbound channel that deletes would then delete
 * the last copies, which are here.
 */
function deletingTheLast(
  channel: Partial<ChannelSpecification> | undefined,
  index: number,
  volumes: Volumes,
  user: string,
): Mistake[] {
  const { direction, delete: deletes, remote_path: path } = channel ?? {};
  if (direction !== 'in' || deletes !== true || path === undefined) return [];
  const points = volumes.flatMap((volume) => volume?.mount_point ?? []);
  // A mount point that is a mistake itself might have been the one.
  if (points.length < volumes.length || isBelowOne(absolutePath(path, user), points)) return [];
  const message =
    `would delete the last copies here when the instance is replaced: ${path} lies on none of its volumes; ` +
    'leave it out, or fetch from a volume, by its absolute path';
  return [{ path: ['channels', index, 'delete'], atName: false, message }];
}

/** No program takes a NUL character in a word. */
function withNul(value: unknown, path: (string | number)[]): Mistake[] {
  if (typeof value === 'string')
    return value.includes('\0') ? [{ path, atName: false, message: 'must not contain a NUL character' }] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => withNul(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => withNul(item, [...path, name]));
}

function at(index: number, field: string, message: string): Mistake {
  return { path: ['persistent_volumes', index, field], atName: false, message };
}

function trimSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
