// image search: words, JSON and wrong use.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { clientFixture } from './client-fixture.ts';

const images = [
  {
    id: 'ami-2',
    name: 'Deep Learning\x1b[2J',
    description: 'of Amazon',
    createdAt: '2026-11-02T01:02:03.000Z',
    architecture: 'x86_64',
    rootSizeGiB: 45,
    owner: 'amazon',
  },
  { id: 'ami-1', name: 'old', description: '', createdAt: '', architecture: 'arm64', owner: '123456789012' },
];

suite('portalctl image search', () => {
  test('a table, newest first; how many more there are', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.images = images;
    const asked: unknown[] = [];
    const answers = [false, false, true].map((isCut) => ({ images, isCut }));
    fixture.daemon.service.searchImages = (request) => {
      asked.push(request);
      return Promise.resolve(answers.shift() ?? { images: [], isCut: false });
    };
    const all = await fixture.run('image', 'search', 'deep  learning', 'gpu', '--architecture', 'x86_64');
    assert.deepEqual(asked, [{ words: ['deep', 'learning', 'gpu'], architecture: 'x86_64' }]);
    assert.deepEqual(
      [all.exit, all.stderr, all.stdout],
      [
        0,
        '',
        `ID     CREATED     ARCH    ROOT    OWNER         NAME
ami-2  2026-11-02  x86_64  45 GiB  amazon        Deep Learning\\x1b[2J
ami-1              arm64   -       123456789012  old
`,
      ],
    );
    const one = await fixture.run('image', 'search', 'deep', '--limit', '1');
    assert.match(one.stdout, /\n1 of 2: --limit 2 shows all, further words fewer\n$/);
    const cut = await fixture.run('image', 'search', 'deep', '--limit', '1', '--json');
    assert.deepEqual(JSON.parse(cut.stdout), { images: images.slice(0, 1), found: 2, isCut: true });
    assert.equal((await fixture.run('image', 'search', 'x')).stdout, 'no image has all these words\n');
  });

  test('wrong use', async (context) => {
    const fixture = await clientFixture(context);
    for (const [words, says] of [
      [[], /what to do \("search"\) is missing/],
      [['find', 'x'], /unexpected argument "find"/],
      [['search'], /what to search for is missing/],
      [['search', ' '], /what to search for is missing/],
      [['search', 'x', '--owner', 'canonical'], /"canonical" is not amazon, self, or an account id/],
      [['search', 'x', '--architecture', 'amd64'], /"amd64" is not x86_64 or arm64/],
      [['search', 'x', '--limit', '0'], /--limit "0" is not a number/],
    ] as const) {
      const { exit, stderr } = await fixture.run('image', ...words);
      assert.equal(exit, 2, words.join(' '));
      assert.match(stderr, says);
    }
  });
});
