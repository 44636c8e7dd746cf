// Images by words, with the real AWS client against the sandbox over HTTP.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { patternsFor } from '../../daemon/ec2/image-pattern.ts';
import { createImageSearch, type SearchBounds } from '../../daemon/ec2/image-search.ts';
import type { MethodParameters } from '../../protocol/methods.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

const image = (digit: number, name: string, more: object = {}): object => ({
  imageId: `ami-0000000000000000${digit}`,
  name,
  description: 'An image',
  owner: 'amazon',
  created: `2026-01-0${digit}T00:00:00.000Z`,
  ...more,
});
const images = [
  image(1, 'Deep Learning OSS Nvidia Driver AMI GPU PyTorch 2.5 (Ubuntu 22.04)', { rootSizeGiB: 45 }),
  image(2, 'Deep Learning ARM64 AMI GPU PyTorch 2.6', { architecture: 'arm64' }),
  image(3, 'al2023-ami', { description: 'Amazon Linux with PYTORCH' }),
  image(4, 'Deep Learning PyTorch, of old', { deprecated: '2026-02-01T00:00:00.000Z' }),
  image(5, 'my own pytorch', { owner: undefined }),
  image(6, 'my own pytorch, of old', { owner: undefined, deprecated: '2026-02-01T00:00:00.000Z' }),
  image(7, "a stranger's pytorch", { owner: '222222222222' }),
  image(8, 'what*is?this'),
];

let fixture: ProgramsFixture;
let aws: Aws;
before(async () => {
  fixture = await startProgramsFixture('portald-images-', { images });
  Object.assign(process.env, fixture.environment);
  aws = createAws({ environment: process.env, clock: createAwsClock(Date.now, () => performance.now()) });
});
after(async () => {
  aws?.close();
  await fixture?.end();
});

async function found(
  words: string[],
  more: Omit<MethodParameters['image.search'], 'words'> = {},
  bounds?: SearchBounds,
): Promise<string> {
  const search = createImageSearch(aws, Date.now, bounds);
  const answer = await search({ words, ...more }, new AbortController().signal);
  return answer.images.map((one) => one.id.at(-1)).join('') + (answer.isCut ? ' cut' : '');
}

suite('image search', () => {
  test('all words, in any order and case, in name or description; newest first, deprecated ones left out', async () => {
    assert.equal(await found(['pytorch']), '5321');
    assert.equal(await found(['PyTorch', 'deep']), '21');
    assert.equal(await found(['GPU', 'ubuntu', 'LEARNING']), '1');
    assert.equal(await found(['linux', 'al2023']), '3', 'one in the name, one in the description');
    assert.equal(await found(['tensorflow']), '');
    assert.equal(await found(['2.5']), '1');
  });

  test('by owner and architecture', async () => {
    assert.equal(await found(['pytorch'], { owner: 'self' }), '5');
    assert.equal(await found(['pytorch'], { owner: 'amazon' }), '321');
    assert.equal(await found(['pytorch'], { owner: '222222222222' }), '7');
    assert.equal(await found(['pytorch'], { architecture: 'arm64' }), '2');
  });

  test('wildcards of EC2 are plain characters here', async () => {
    assert.equal(await found(['what*is?this']), '8');
    assert.equal(await found(['what*this']), '');
    assert.equal(await found(['???']), '');
  });

  test('page by page, up to a bound, and then it is told', async () => {
    assert.equal(await found(['pytorch'], {}, { perPage: 1, pages: 10 }), '5321');
    assert.equal(await found(['pytorch'], {}, { perPage: 1, pages: 2 }), '321 cut');
  });

  test('what would match too much is refused', async () => {
    await assert.rejects(found(['ub', 'a']), { kind: 'usage', message: /no word has at least 3 letters/ });
  });

  test('the patterns of a word are few and leave nothing out', () => {
    assert.deepEqual(patternsFor('g5'), ['*g5*', '*G5*']);
    assert.deepEqual(patternsFor('*\\?'), ['*\\*\\\\\\?*']);
    const long = patternsFor('tensorflow-2');
    assert.deepEqual([long.length, long[0], long.at(-1)], [32, '*tenso?????-2*', '*TENSO?????-2*']);
  });
});
