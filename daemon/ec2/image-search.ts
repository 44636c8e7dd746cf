// Machine images by words. There are tens of thousands, so EC2 is always given a pattern, and asked a bounded number of
// times; the rest of the words is compared here.
import { PortalError } from '../../protocol/errors.ts';
import type { ImageView } from '../../protocol/image-view.ts';
import type { MethodParameters, MethodResults } from '../../protocol/methods.ts';
import type { Aws } from './aws.ts';
import type { Image } from './client-ec2.ts';
import { sorted } from './describe.ts';
import { mostTellingWord, patternsFor } from './image-pattern.ts';

/** Rejects with PortalError `usage` when the words are too short, or when EC2 cannot be asked. */
export type SearchImages = (
  request: MethodParameters['image.search'],
  signal: AbortSignal,
) => Promise<MethodResults['image.search']>;

const leastLetters = 3;

export interface SearchBounds {
  readonly perPage: number;
  /** Pages for names, and as many for descriptions. A page may have few images, or none, before the last. */
  readonly pages: number;
}

/** `now`: AWS's time. */
export function createImageSearch(
  aws: Aws,
  now: () => number,
  bounds: SearchBounds = { perPage: 1000, pages: 30 },
): SearchImages {
  return async ({ words, owner, architecture }, abortSignal) => {
    const telling = mostTellingWord(words);
    if (telling.length < leastLetters) {
      throw new PortalError(
        'usage',
        `no word has at least ${leastLetters} letters: too many images would match`,
        {
          hint: 'name a longer word, for example: portalctl image search deep learning',
        },
      );
    }
    const Values = patternsFor(telling);
    const look = async (field: 'name' | 'description'): Promise<{ found: Image[]; isCut: boolean }> => {
      const ec2 = await aws.client();
      const found: Image[] = [];
      let token: string | undefined;
      for (let page = 0; page < bounds.pages; page++) {
        const answer = await ec2.describeImages(
          {
            Owners: owner === undefined ? ['amazon', 'self'] : [owner],
            Filters: [
              { Name: field, Values },
              { Name: 'state', Values: ['available'] },
              ...(architecture === undefined ? [] : [{ Name: 'architecture', Values: [architecture] }]),
            ],
            MaxResults: bounds.perPage,
            ...(token !== undefined && { NextToken: token }),
          },
          { abortSignal },
        );
        found.push(...(answer.Images ?? []));
        token = answer.NextToken === '' ? undefined : answer.NextToken;
        if (token === undefined) return { found, isCut: false };
      }
      return { found, isCut: true };
    };
    const looks = await sorted('searching images', () => Promise.all([look('name'), look('description')]));
    const unique = new Map(looks.flatMap((one) => one.found).map((image) => [image.ImageId, image]));
    const images = [...unique.values()]
      .filter((image) => isOfUse(image, now()) && hasWords(image, words))
      .map(toView)
      .toSorted((one, other) => other.createdAt.localeCompare(one.createdAt));
    return { images, isCut: looks.some((one) => one.isCut) };
  };
}

/** Not deprecated (EC2 tells owners of their deprecated ones, too), a machine's, and not of Windows. */
function isOfUse(image: Image, nowMs: number): boolean {
  const deprecatedAt = Date.parse(image.DeprecationTime ?? '');
  const isMachine = image.ImageType === undefined || image.ImageType === 'machine';
  return !(deprecatedAt <= nowMs) && isMachine && image.Platform?.toLowerCase() !== 'windows';
}

function hasWords(
  { Name: name = '', Description: description = '' }: Image,
  words: readonly string[],
): boolean {
  const texts = [name.toLowerCase(), description.toLowerCase()];
  return words.every((word) => texts.some((text) => text.includes(word.toLowerCase())));
}

function toView(image: Image): ImageView {
  const root = image.BlockDeviceMappings?.find((one) => one.DeviceName === image.RootDeviceName)?.Ebs;
  return {
    id: image.ImageId ?? '',
    name: image.Name ?? '',
    description: image.Description ?? '',
    createdAt: image.CreationDate ?? '',
    architecture: image.Architecture ?? '',
    owner: image.ImageOwnerAlias || (image.OwnerId ?? ''),
    ...(root?.VolumeSize !== undefined && { rootSizeGiB: root.VolumeSize }),
  };
}
