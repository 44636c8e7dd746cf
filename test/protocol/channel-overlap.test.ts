// Which channels lie on each other so that they would undo each other's work, and which only look like it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overlappingChannels } from '../../protocol/specification/channel-overlap.ts';
import type { ChannelSpecification, Specification } from '../../protocol/specification/schema.ts';

type Short = readonly [local: string, remote: string, Partial<ChannelSpecification>];

function specificationOf(...channels: readonly Short[]): Specification {
  return {
    spot_instance: { remote_user: 'ubuntu' },
    channels: channels.map(([local, remote, more]) => ({
      local_path: local,
      remote_path: remote,
      recursive: true,
      ...more,
    })),
  } as unknown as Specification;
}

function mistakesOf(...channels: readonly Short[]): string[] {
  return overlappingChannels(specificationOf(...channels)).map(
    ({ path, message }) => `${path.join('.')} ${message}`,
  );
}

const out = { direction: 'out' } as const;
const into = { direction: 'in' } as const;

test('channels that part what they carry are fine', () => {
  assert.deepEqual(mistakesOf(['/p/', '~/p/', out]), []);
  assert.deepEqual(mistakesOf(['/p/src/', '~/p/src/', out], ['/p/results/', '~/p/results/', into]), []);
  assert.deepEqual(mistakesOf(['/p/src/', '~/p/src/', out], ['/p/', '~/p/results', into]), []);
  const excluding = { ...out, exclude: ['/results/'] };
  assert.deepEqual(mistakesOf(['/p/', '~/p/', excluding], ['/p/results/', '~/p/results/', into]), []);
  const named = { ...out, exclude: ['/p/results'] };
  assert.deepEqual(mistakesOf(['/p', '~/', named], ['/p/results/', '~/p/results/', into]), []);
  const flat = { ...out, recursive: false };
  assert.deepEqual(mistakesOf(['/p/', '~/p/', flat], ['/p/a/b/', '~/p/a/b/', into]), []);
  assert.deepEqual(mistakesOf(['/p/src/', '~/p/', out], ['/copy/', '~/p/', into]), [], 'one way round');
  assert.deepEqual(mistakesOf(['/p/', '~/a/', out], ['/p/', '~/b/', out]), []);
  assert.deepEqual(mistakesOf(['/a/', '~/p/', out], ['/b/', '~/p/', out]), [], 'nothing is deleted');
  assert.deepEqual(
    mistakesOf(['/pa/', '~/p/', out], ['/p/', '~/pa/', into]),
    [],
    'only a beginning of a name',
  );
});

test('what is carried back is refused, with the exclude that parts it', () => {
  assert.match(
    mistakesOf(['/p/', '~/p/', out], ['/p/', '~/p/', into]).join(),
    /^channels\.1 carries files back and forth with channels\[0\].*folder of its own/,
  );
  assert.match(
    mistakesOf(['/p/', '~/p/', out], ['/p/results/', '/home/ubuntu/p/results/', into]).join(),
    /add "\/results" to channels\[0\]\.exclude$/,
  );
  assert.match(
    mistakesOf(['/p/src', '~/p/', out], ['/p/', 'p/', into]).join(),
    /add "\/src" to channels\[1\]\.exclude$/,
  );
  assert.match(
    mistakesOf(['/p', '~', out], ['/p/out/', '~/p/out/', into]).join(),
    /add "\/p\/out" to channels\[0\]/,
  );
  const chain = mistakesOf(
    ['/a/', '~/a/', out],
    ['/b/', '~/a/', into],
    ['/b/', '~/c/', out],
    ['/a/', '~/c/', into],
  );
  assert.match(
    chain.join(),
    /^channels\.3 carries files back and forth with channels\[0\] and channels\[1\] and channels\[2\]/,
  );
});

test('a channel that deletes may not lie on another', () => {
  const deleting = { ...out, delete: true };
  assert.match(
    mistakesOf(['/a/', '~/p/', deleting], ['/b/', '~/p/', out]).join(),
    /^channels\.0 would delete what channels\[1\] brings there; use a folder of its own/,
  );
  assert.match(
    mistakesOf(['/a/', '~/p/', deleting], ['/b/', '~/p/data/', out]).join(),
    /^channels\.0 would delete .* add "\/data" to channels\[0\]\.exclude$/,
  );
  assert.match(
    mistakesOf(['/a/', '~/p/', out], ['/b/', '~/p/data/', deleting]).join(),
    /^channels\.1 would delete what channels\[0\] brings there; add "\/data" to channels\[0\]\.exclude$/,
  );
  assert.deepEqual(mistakesOf(['/a/', '~/p/', deleting], ['/a/sub/', '~/p/sub/', out]), [], 'the same files');
  const excluding = { ...deleting, exclude: ['data/'] };
  assert.deepEqual(mistakesOf(['/a/', '~/p/', excluding], ['/b/', '~/p/data/', out]), []);
});

test('channels of portals that are open beside it count, too', () => {
  const told = (own: Specification, other: Specification): string[] =>
    overlappingChannels(own, [{ name: 'b', specification: other }]).map(
      ({ path, message }) => `${path.join('.')} ${message}`,
    );
  assert.deepEqual(
    told(specificationOf(['/p/', '~/p/', out]), specificationOf(['/p/', '~/p/', out])),
    [],
    'one source, two machines',
  );
  assert.deepEqual(
    told(specificationOf(['/r/', '~/r/', into]), specificationOf(['/r/', '~/r/', into])),
    [],
    'nothing is deleted',
  );
  assert.deepEqual(
    told(specificationOf(['/r/', '~/r/', into]), specificationOf(['/r/', '~/r/', out])),
    [],
    'one way through here',
  );
  const deleting = { ...into, delete: true };
  assert.match(
    told(specificationOf(['/r/', '~/r/', deleting]), specificationOf(['/r/', '~/r/', into])).join(),
    /^channels\.0 would delete what channels\[0\] of portal b brings there; use a folder of its own/,
  );
  assert.match(
    told(specificationOf(['/r/b/', '~/r/', into]), specificationOf(['/r/', '~/r/', deleting])).join(),
    /^channels\.0 channels\[0\] of portal b would delete what this brings there; add "\/b" to the exclude of channels\[0\] of portal b$/,
  );
  assert.match(
    told(
      specificationOf(['/a/', '~/a/', into], ['/b/', '~/a/', out]),
      specificationOf(['/a/', '~/x/', out], ['/b/', '~/x/', into]),
    ).join(),
    /^channels\.1 carries files back and forth with channels\[0\] and channels\[0\] of portal b and channels\[1\] of portal b/,
  );
});

test('two single files that come under one name are refused', () => {
  const single = { ...out, recursive: false };
  const refused = /^channels\.1 brings the same name as channels\[0\]; give each a folder or a name/;
  assert.match(mistakesOf(['/a/x', '~/f', single], ['/b/x', '/home/ubuntu/f', single]).join(), refused);
  assert.match(mistakesOf(['/a/x', '~/d/', single], ['/b/x', '~/d/', single]).join(), refused);
  assert.deepEqual(mistakesOf(['/a/x', '~/d/', single], ['/b/y', '~/d/', single]), []);
  assert.deepEqual(
    mistakesOf(['/a/x', '~/d', single], ['/b/y', '~/d', single]),
    [],
    'it may be a folder there',
  );
  const own = specificationOf(['/r/x', '~/x', { ...into, recursive: false }]);
  const [mistake] = overlappingChannels(own, [{ name: 'b', specification: own }]);
  assert.deepEqual(mistake?.path, ['channels', 0]);
  assert.match(mistake.message, /same name as channels\[0\] of portal b/);
});
