// An instance with a link to it, and images to attach, for the time of a test.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { RemoteLink } from '../../daemon/portal/gateways.ts';
import { connected, connectTo } from '../remote/link-fixture.ts';
import { makeBlank } from '../remote/volume-fixture.ts';
import { type LaboratoryInstance, type LaboratoryOptions, startInstance } from './instance.ts';

export interface Place {
  readonly instance: LaboratoryInstance;
  readonly link: RemoteLink;
  /** A new file of so many MiB that holds nothing. */
  blankImage(mebibytes: number): string;
}

/** Does `work` with a new instance that is connected, and ends it. */
export async function withInstance(
  work: (place: Place) => Promise<void>,
  options: LaboratoryOptions = {},
): Promise<void> {
  await using instance = await startInstance(options);
  await using link = connectTo(instance.folder, instance.target);
  await connected(link);
  await work({
    instance,
    link,
    blankImage(mebibytes) {
      const image = join(mkdtempSync(join(instance.folder, 'volume-')), 'image');
      makeBlank(image, mebibytes);
      return image;
    },
  });
}
