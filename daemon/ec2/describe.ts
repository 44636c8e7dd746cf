// The describe calls of one round, in our words, paged and in batches of what EC2 takes in one call.
import type { CloudFleet, CloudInstance, CloudVolume } from '../portal/cloud.ts';
import { tagNames } from '../portal/cloud.ts';
import type { Aws } from './aws.ts';
import { awsCodeOf, sortAwsError } from './aws-errors.ts';
import type { AwsInstance } from './client-ec2.ts';
import { fleetTrouble } from './fleet-trouble.ts';
import { falseAnswer } from './guard-answers.ts';

/** EC2's limit of values in one filter. */
const filterValues = 200;

export interface Describe {
  /** Instances that carry this installation's tag. */
  ownInstances(installation: string): Promise<CloudInstance[]>;
  instances(ids: readonly string[]): Promise<CloudInstance[]>;
  volumes(ids: readonly string[]): Promise<CloudVolume[]>;
  /** Status codes by spot request id. */
  spotStatus(ids: readonly string[]): Promise<[string, string][]>;
  /** Those of the fleets that EC2 knows; instances, and trouble `since`, only of those that are `launching`. */
  fleets(
    ids: readonly string[],
    options: { launching: ReadonlySet<string>; since: Date },
  ): Promise<CloudFleet[]>;
}

export function createDescribe(aws: Aws): Describe {
  const instancesBy = async (name: string, values: readonly string[]): Promise<CloudInstance[]> => {
    const ec2 = await aws.client();
    return paged(async (token) => {
      const answer = await ec2.describeInstances({
        Filters: [{ Name: name, Values: [...values] }],
        ...token,
      });
      const found = (answer.Reservations ?? []).flatMap((one) => one.Instances ?? []);
      return { items: named(found.map(toInstance)), next: answer.NextToken };
    });
  };

  return {
    ownInstances: (installation) =>
      sorted('looking at the instances', () => instancesBy(`tag:${tagNames.installation}`, [installation])),
    instances: (ids) =>
      sorted('looking at the instances', () => batched(ids, (some) => instancesBy('instance-id', some))),
    volumes: (ids) =>
      sorted('looking at the volumes', async () => {
        const ec2 = await aws.client();
        return batched(ids, (some) =>
          paged(async (token) => {
            const answer = await ec2.describeVolumes({
              Filters: [{ Name: 'volume-id', Values: some }],
              ...token,
            });
            const found = (answer.Volumes ?? []).map((one): CloudVolume => {
              // An attachment that EC2 still lists as detached is none.
              const attachment = one.Attachments?.find((each) => each.State !== 'detached');
              return {
                id: one.VolumeId ?? '',
                state: one.State ?? '',
                zone: one.AvailabilityZone ?? '',
                ...(Number.isSafeInteger(one.Size) && { sizeGiB: Number(one.Size) }),
                tags: toTags(one.Tags),
                ...(attachment !== undefined && {
                  attachment: {
                    instanceId: attachment.InstanceId ?? '',
                    device: attachment.Device ?? '',
                    state: (attachment.State ?? 'attaching') as NonNullable<
                      CloudVolume['attachment']
                    >['state'],
                    since: attachment.AttachTime?.getTime() ?? 0,
                  },
                }),
              };
            });
            return { items: named(found), next: answer.NextToken };
          }),
        );
      }),
    spotStatus: (ids) =>
      sorted('looking at the spot requests', async () => {
        const ec2 = await aws.client();
        return batched(ids, (some) =>
          paged(async (token) => {
            const answer = await ec2.describeSpotInstanceRequests({
              Filters: [{ Name: 'spot-instance-request-id', Values: some }],
              ...token,
            });
            const found = (answer.SpotInstanceRequests ?? []).map((one): [string, string] => [
              one.SpotInstanceRequestId ?? '',
              one.Status?.Code ?? '',
            ]);
            return { items: found, next: answer.NextToken };
          }),
        );
      }),
    fleets: (ids, { launching, since }) =>
      sorted('looking at the spot fleets', async () => {
        const known = await batched(ids, (some) => fleetStates(aws, some));
        return Promise.all(
          known.map(
            async ({ id, state }): Promise<CloudFleet> =>
              launching.has(id) ? fleetInFull(aws, { id, state }, since) : { id, state, instanceIds: [] },
          ),
        );
      }),
  };
}

interface FleetState {
  readonly id: string;
  readonly state: string;
}

/** One call for all; one id that EC2 does not know fails it for all, and then each is asked for by itself. */
async function fleetStates(aws: Aws, ids: readonly string[]): Promise<FleetState[]> {
  const ec2 = await aws.client();
  try {
    return await paged(async (token) => {
      const answer = await ec2.describeSpotFleetRequests({ SpotFleetRequestIds: [...ids], ...token });
      const found = (answer.SpotFleetRequestConfigs ?? []).map((one) => ({
        id: one.SpotFleetRequestId ?? '',
        state: one.SpotFleetRequestState ?? '',
      }));
      return { items: named(found), next: answer.NextToken };
    });
  } catch (error) {
    if (!isUnknownFleet(error)) throw error;
    if (ids.length <= 1) return [];
    return (await Promise.all(ids.map((id) => fleetStates(aws, [id])))).flat();
  }
}

async function fleetInFull(aws: Aws, { id, state }: FleetState, since: Date): Promise<CloudFleet> {
  const ec2 = await aws.client();
  try {
    const active = await ec2.describeSpotFleetInstances({ SpotFleetRequestId: id });
    const instanceIds = (active.ActiveInstances ?? [])
      .map((one) => one.InstanceId ?? '')
      .filter((one) => one !== '');
    const fleet = { id, state, instanceIds };
    if (instanceIds.length > 0) return fleet;
    const history = await ec2.describeSpotFleetRequestHistory({ SpotFleetRequestId: id, StartTime: since });
    const trouble = fleetTrouble(
      (history.HistoryRecords ?? []).map(({ EventType: type = '', EventInformation: told }) => ({
        type,
        code: told?.EventSubType ?? type,
        text: told?.EventDescription ?? '',
      })),
    );
    return trouble === undefined ? fleet : { ...fleet, trouble };
  } catch (error) {
    // EC2 is not consistent at once: one of its answers may know the fleet and the next may not.
    if (isUnknownFleet(error)) return { id, state, instanceIds: [] };
    const { kind, message } = sortAwsError(error, 'why it gives no instance cannot be asked');
    if (kind !== 'permission' && kind !== 'configuration') throw error;
    // A right that is missing, say, must not hide everything else: an instance is found by its tags, too.
    return { id, state, instanceIds: [], trouble: { sort: 'other', code: awsCodeOf(error), message } };
  }
}

function isUnknownFleet(error: unknown): boolean {
  return awsCodeOf(error).startsWith('InvalidSpotFleetRequestId');
}

/** AWS's errors of `call` as ours. */
export async function sorted<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw sortAwsError(error, doing);
  }
}

/** Without those that the answer gives no id: nothing can be said of them, or done to them. */
export function named<T extends { readonly id: string }>(items: readonly T[]): T[] {
  return items.filter((one) => one.id !== '');
}

/** Pages that an answer may have, of a thousand items each: with the limit of bytes of each, it bounds the memory. */
const mostPages = 50;

/** All items of an answer that comes in pages; rejects when one of them is missing, and when they do not end. */
export async function paged<T>(
  page: (token: { NextToken?: string }) => Promise<{ items: T[]; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const { items, next } = await page(token === undefined ? {} : { NextToken: token });
    all.push(...items);
    token = next === '' ? undefined : next;
    if (token === undefined) continue;
    if (seen.has(token) || seen.size === mostPages) throw falseAnswer('an answer of pages without end');
    seen.add(token);
  } while (token !== undefined);
  return all;
}

async function batched<T>(ids: readonly string[], call: (some: string[]) => Promise<T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let from = 0; from < ids.length; from += filterValues) {
    all.push(...(await call(ids.slice(from, from + filterValues))));
  }
  return all;
}

export function toTags(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
) {
  return Object.fromEntries((tags ?? []).map((one) => [one.Key ?? '', one.Value ?? '']));
}

function toInstance(one: AwsInstance): CloudInstance {
  return {
    id: one.InstanceId ?? '',
    state: one.State?.Name ?? 'pending',
    type: one.InstanceType ?? '',
    zone: one.Placement?.AvailabilityZone ?? '',
    tags: toTags(one.Tags),
    ...(one.StateReason?.Code !== undefined && { stateReason: one.StateReason.Code }),
    ...(one.PublicIpAddress !== undefined && one.PublicIpAddress !== '' && { address: one.PublicIpAddress }),
    ...(one.LaunchTime !== undefined && { launchedAt: one.LaunchTime.getTime() }),
    ...(one.SpotInstanceRequestId !== undefined && { spotRequestId: one.SpotInstanceRequestId }),
  };
}
