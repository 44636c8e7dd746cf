// The tags of what portald makes for a user: the user's own, and whose it is.
import { tagNames } from '../portal/cloud.ts';
import type { VolumeParts } from './volume-parts.ts';

export interface GivenTag {
  readonly key: string;
  readonly value: string;
}

/** As EC2 takes them; an empty name is none. */
export function ownTags(
  { installation, createdBy }: Pick<VolumeParts, 'installation' | 'createdBy'>,
  name: string | undefined,
  given: readonly GivenTag[] = [],
): { Key: string; Value: string }[] {
  const tags = {
    ...givenTags(name, given),
    [tagNames.installation]: installation,
    [tagNames.createdBy]: createdBy,
  };
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The user's own tags, by their keys. */
export function givenTags(name: string | undefined, given: readonly GivenTag[] = []): Record<string, string> {
  return {
    ...Object.fromEntries(given.map(({ key, value }) => [key, value])),
    ...(name !== undefined && name !== '' && { Name: name }),
  };
}
