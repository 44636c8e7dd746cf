// Tags: reading them from requests, and the actions on them.
import type { Cloud } from '../cloud/cloud.ts';
import type { Resource } from '../cloud/model.ts';
import type { Action, Call } from './call.ts';
import { describe } from './describe.ts';
import { Ec2Error, type IdKind, lookUp } from './error.ts';
import { type Form, textAt, textsAt, treesAt } from './form.ts';

const types: [string, string, (cloud: Cloud) => Map<string, Resource>, IdKind][] = [
  ['i-', 'instance', (cloud) => cloud.region.instances, 'instance'],
  ['vol-', 'volume', (cloud) => cloud.region.volumes, 'volume'],
  ['snap-', 'snapshot', (cloud) => cloud.region.snapshots, 'snapshot'],
  ['sfr-', 'spot-fleet-request', (cloud) => cloud.region.fleets, 'fleet'],
  ['sir-', 'spot-instances-request', (cloud) => cloud.region.spotRequests, 'spotRequest'],
];

/** The tags of a list of `{Key, Value}`. Throws AWS's refusals. */
export function readTags(form: Form, key: string): [string, string][] {
  const tags = treesAt(form, key).map((tag): [string, string] => [
    textAt(tag, 'Key') ?? '',
    textAt(tag, 'Value') ?? '',
  ]);
  for (const [name, value] of tags) {
    if (name === '' || name.length > 128)
      throw new Ec2Error('InvalidParameterValue', 'Tag keys must have 1 to 128 characters');
    if (/^aws:/i.test(name))
      throw new Ec2Error(
        'InvalidParameterValue',
        `Tag keys starting with 'aws:' are reserved for internal use: ${name}`,
      );
    if (value.length > 256)
      throw new Ec2Error('InvalidParameterValue', 'Tag values must have at most 256 characters');
  }
  if (tags.length > 50) throw new Ec2Error('TagLimitExceeded', 'The maximum number of tags is 50');
  return tags;
}

/** The tags of `TagSpecification` for a new resource of that type; other types are refused. */
export function readTagSpecifications(
  form: Form,
  parameter: string,
  resourceType: string,
): [string, string][] {
  return treesAt(form, parameter).flatMap((specification) => {
    const given = textAt(specification, 'ResourceType');
    if (given !== resourceType) {
      throw new Ec2Error(
        'InvalidParameterValue',
        `'${given ?? ''}' is not a valid taggable resource type for this operation.`,
      );
    }
    return readTags(specification, 'Tag');
  });
}

function resourcesOf(call: Call): Resource[] {
  return textsAt(call.form, 'ResourceId').map((id) => {
    const type = types.find(([prefix]) => id.startsWith(prefix));
    if (type === undefined) throw new Ec2Error('InvalidID', `The ID '${id}' is not valid`);
    const [, , resources, lookUpAs] = type;
    return lookUp(lookUpAs, resources(call.cloud), id, call.nowMs);
  });
}

export const tagActions: Record<string, Action> = {
  CreateTags: {
    changes: true,
    parameters: ['Tag.n.Value'],
    required: ['ResourceId.n', 'Tag.n.Key'],
    handle: (call) => {
      const tags = readTags(call.form, 'Tag');
      for (const resource of resourcesOf(call))
        for (const [key, value] of tags) resource.tags.set(key, value);
      return { return: true };
    },
  },
  DeleteTags: {
    changes: true,
    parameters: ['Tag.n.Key', 'Tag.n.Value'],
    required: ['ResourceId.n'],
    handle: (call) => {
      const tags = treesAt(call.form, 'Tag');
      for (const resource of resourcesOf(call)) {
        if (tags.length === 0)
          for (const key of resource.tags.keys()) if (!key.startsWith('aws:')) resource.tags.delete(key);
        for (const tag of tags) {
          const key = textAt(tag, 'Key') ?? '';
          if (!('Value' in tag) || resource.tags.get(key) === (textAt(tag, 'Value') ?? ''))
            resource.tags.delete(key);
        }
      }
      return { return: true };
    },
  },
  DescribeTags: describe({
    set: 'tagSet',
    smallestPage: 5,
    items: (call) =>
      types.flatMap(([, resourceType, from]) =>
        [...from(call.cloud)].flatMap(([resourceId, resource]) =>
          [...resource.tags].map(([key, value]) => ({ resourceId, resourceType, key, value })),
        ),
      ),
    filters: {
      key: (tag) => tag.key,
      value: (tag) => tag.value,
      'resource-id': (tag) => tag.resourceId,
      'resource-type': (tag) => tag.resourceType,
    },
    render: (tag) => tag,
  }),
};
