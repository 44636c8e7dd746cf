// The world file: the account, region, catalogue, limits and delays that the sandbox starts with.
import {
  either,
  flag,
  listOf,
  number,
  object,
  oneOf,
  optional,
  type Reader,
  recordOf,
  text,
  WorldError,
} from './reader.ts';

const zonesOf = (region: string) => ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
const port: Reader<number> = (value, path) => {
  const given = number(value, path);
  if (!Number.isInteger(given) || given > 65_535) throw new WorldError(`${path} must be a port, 0 to 65535.`);
  return given;
};
const range = either(number, object({ min: number, max: number }), 'milliseconds, or {min, max}');
const delay = (fallbackMs: number) => optional(range, fallbackMs);
const capacity = either(number, oneOf('unlimited'), 'a number or unlimited');
const bucket = object({ ratePerSecond: number, burst: number });
const noLimits: Record<string, ReturnType<typeof bucket>> = {};

const credential = object({
  accessKeyId: text,
  secretAccessKey: text,
  sessionToken: optional(text, undefined),
  account: optional(text, undefined),
  expired: optional(flag, false),
});

const subnet = object({
  subnetId: text,
  zone: text,
  mapPublicIp: optional(flag, true),
  defaultForZone: optional(flag, true),
});

/** `ingress`: who may come by TCP; by default everybody, on any port. */
const securityGroup = object({
  groupId: text,
  name: optional(text, 'default'),
  ingress: optional(listOf(object({ cidr: text, fromPort: port, toPort: port })), [
    { cidr: '0.0.0.0/0', fromPort: 0, toPort: 65_535 },
  ]),
});

const image = object({
  imageId: text,
  name: optional(text, 'sandbox-ubuntu'),
  description: optional(text, 'An Ubuntu in a box'),
  architecture: optional(oneOf('x86_64', 'arm64'), 'x86_64'),
  rootDeviceName: optional(text, '/dev/sda1'),
  rootSizeGiB: optional(number, 8),
  rootDeleteOnTermination: optional(flag, true),
  /** An alias, or an account's id; the account's own without one. */
  owner: optional(text, undefined),
  created: optional(text, '2026-01-01T00:00:00.000Z'),
  deprecated: optional(text, undefined),
  platform: optional(oneOf('windows'), undefined),
});

const keyPair = object({
  name: text,
  publicKey: optional(text, undefined),
  publicKeyFile: optional(text, undefined),
});

const volume = object({
  volumeId: text,
  sizeGiB: optional(number, 8),
  zone: text,
  formatted: optional(oneOf('ext4', 'none'), 'none'),
  tags: optional(recordOf(text), {}),
});

const instanceType = object({
  instanceType: text,
  architecture: optional(oneOf('x86_64', 'arm64'), 'x86_64'),
  nitro: optional(flag, true),
  vCpus: optional(number, 2),
  memoryMiB: optional(number, 4096),
  gpus: optional(number, 0),
  /** Free machines, in each zone or by zone. */
  capacity: optional(
    either(capacity, recordOf(capacity), 'a number, unlimited, or one of these by zone'),
    'unlimited',
  ),
  /** Dollars an hour, in each zone or by zone. */
  spotPrice: optional(either(number, recordOf(number), 'a price, or prices by zone'), 0.05),
});

const region = optional(text, 'eu-central-1');

const document = object({
  seed: optional(number, 1),
  region,
  account: optional(text, '123456789012'),
  credentials: optional(listOf(credential), [
    credential({ accessKeyId: 'AKIASANDBOX', secretAccessKey: 'sandbox-secret' }, ''),
  ]),
  zones: optional(listOf(text), undefined),
  subnets: optional(listOf(subnet), undefined),
  securityGroups: optional(listOf(securityGroup), [securityGroup({ groupId: 'sg-0123456789abcdef0' }, '')]),
  images: optional(listOf(image), [image({ imageId: 'ami-0123456789abcdef0' }, '')]),
  keyPairs: optional(listOf(keyPair), []),
  volumes: optional(listOf(volume), []),
  instanceTypes: optional(listOf(instanceType), [
    instanceType({ instanceType: 'm5.large' }, ''),
    instanceType({ instanceType: 'c5.large', spotPrice: 0.04 }, ''),
    instanceType({ instanceType: 'm4.large', nitro: false }, ''),
    instanceType(
      { instanceType: 'p3.2xlarge', nitro: false, vCpus: 8, memoryMiB: 62_464, gpus: 1, spotPrice: 1.2 },
      '',
    ),
  ]),
  quota: optional(object({ spotVCpus: number }), { spotVCpus: 256 }),
  fleetRoles: optional(listOf(text), undefined),
  passRole: optional(flag, true),
  serviceLinkedRoles: optional(flag, true),
  sshPort: optional(port, 0),
  sshUser: optional(text, 'ubuntu'),
  /** Buckets by action, `*` for those not named; no entry, no throttling. */
  throttle: optional(recordOf(bucket), noLimits),
  /** Wheels that pip finds on an instance, versions by name. */
  packages: optional(recordOf(listOf(text)), {
    numpy: ['1.26.4', '2.1.3'],
    requests: ['2.32.3'],
    tqdm: ['4.67.1'],
    einops: ['0.8.0'],
    torch: ['2.5.1'],
  }),
  delays: (value, path) =>
    object({
      fleetFulfil: delay(300),
      fleetRetry: delay(2_000),
      historyLag: delay(0),
      pendingToRunning: delay(700),
      cloudInit: delay(700),
      consoleOutput: delay(500),
      attach: delay(300),
      detach: delay(300),
      terminate: delay(500),
      terminatedVisible: delay(3_600_000),
      createVolume: delay(200),
      modifyVolume: delay(500),
      snapshot: delay(500),
      visibility: delay(0),
      noticeMs: delay(120_000),
    })(value ?? {}, path),
});

/** Everything that the sandbox is told at its start. Delays are milliseconds, prices dollars an hour. */
export type World = ReturnType<typeof complete>;
export type ImageDefinition = World['images'][number];
export type InstanceTypeDefinition = World['instanceTypes'][number];
export type Subnet = World['subnets'][number];

/** Reads a parsed world file. Throws a WorldError that names the key at fault. */
export const readWorld: Reader<World> = (value, path) => complete(document(value ?? {}, path));

function complete(given: ReturnType<typeof document>) {
  const zones = given.zones ?? zonesOf(given.region);
  return {
    ...given,
    zones,
    subnets:
      given.subnets ??
      zones.map((zone, index) => ({
        subnetId: `subnet-${String(index + 1).padStart(17, '0')}`,
        zone,
        mapPublicIp: true,
        defaultForZone: true,
      })),
    fleetRoles: given.fleetRoles ?? [`arn:aws:iam::${given.account}:role/aws-ec2-spot-fleet-tagging-role`],
  };
}
