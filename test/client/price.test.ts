// price: words, JSON, where the types come from, and wrong use.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { PortalError } from '../../protocol/errors.ts';
import { everyFieldAsYaml } from '../protocol/original-document.ts';
import { clientFixture } from './client-fixture.ts';

const prices = {
  from: '2026-11-17T10:00:00.000Z',
  to: '2026-11-24T10:00:00.000Z',
  types: ['g5.xlarge', 'g4dn.xlarge'],
  zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  zone: 'eu-west-1a',
  series: [
    {
      type: 'g5.xlarge',
      zone: 'eu-west-1a',
      points: [
        { at: '2026-11-01T00:00:00.000Z', dollars: 0.4 },
        { at: '2026-11-23T10:00:00.000Z', dollars: 0.54 },
      ],
    },
    { type: 'g5.xlarge', zone: 'eu-west-1b', points: [{ at: '2026-11-01T00:00:00.000Z', dollars: 0.5 }] },
    { type: 'g4dn.xlarge', zone: 'eu-west-1b', points: [{ at: '2026-11-01T00:00:00.000Z', dollars: 0.6 }] },
  ],
};

suite('portalctl price', () => {
  test('a plot for each type, a table, and what it comes to', async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.prices = prices;
    const { exit, stdout, stderr } = await fixture.run('price', 'known');
    assert.deepEqual([exit, stderr], [0, '']);
    assert.match(stdout, /^g5\.xlarge, dollars per hour, the last 7 d\n0\.55 \+/);
    assert.match(stdout, /\n {2}a eu-west-1a b eu-west-1b\n\ng4dn\.xlarge, dollars per hour/);
    assert.match(stdout, /\nZONE +TYPE +NOW +LOWEST +HIGHEST +MEAN +VARIES +CHANGES\n/);
    assert.match(
      stdout,
      /\neu-west-1a +g5\.xlarge +\$0\.5400 +\$0\.4000 +\$0\.5400 +\$0\.4200 +11\.7 % +1\n/,
    );
    assert.equal(
      stdout.slice(stdout.lastIndexOf('\n\n') + 2),
      `g5.xlarge is not offered in eu-west-1c
g4dn.xlarge is not offered in eu-west-1a, eu-west-1c
cheapest now: g5.xlarge in eu-west-1b, at $0.5000 an hour
steadiest: g5.xlarge in eu-west-1b, which never changed
the specification's own zone, eu-west-1a, has g5.xlarge $0.5400 (8.0 % more than in the cheapest zone)
`,
    );
    for (const line of stdout.split('\n').slice(0, -2)) {
      assert.ok(line.length <= 80 && /^[\x20-\x7e]*$/.test(line), line);
    }
    const unicode = await fixture.run('price', 'known', '--json');
    const told = JSON.parse(unicode.stdout);
    assert.deepEqual(told.cheapest, { type: 'g5.xlarge', zone: 'eu-west-1b' });
    assert.deepEqual(told.pools[0].points, prices.series[0]?.points);
    assert.deepEqual([told.pools[0].mean, told.pools[0].changes, told.pools.length], [0.42, 1, 3]);
    assert.equal(told.notOffered.length, 3);
    fixture.environment['LANG'] = 'en_IE.UTF-8';
    assert.match((await fixture.run('price', 'known')).stdout, /┤.*⠒/s);
  });

  test('the types are those of the file, else of the portal, and those that are named', async (context) => {
    const fixture = await clientFixture(context);
    const asked: unknown[] = [];
    fixture.daemon.service.prices = (request) => {
      asked.push(request);
      return Promise.resolve(prices);
    };
    writeFileSync(join(fixture.folder, 'file.yaml'), everyFieldAsYaml);
    await fixture.run('price', 'file', '--days', '30');
    await fixture.run('price', 'portal', '--type', 'g5.xlarge', '--type', 'g5.xlarge');
    await fixture.run('price', '--type', 'g5.xlarge');
    const type = /instance_type: (\S+)/.exec(everyFieldAsYaml)?.[1];
    assert.deepEqual(asked, [
      { days: 30, types: [type] },
      { days: 7, types: ['g5.xlarge'], name: 'portal' },
      { days: 7, types: ['g5.xlarge'] },
    ]);
    fixture.daemon.service.prices = () => Promise.resolve({ ...prices, series: [] });
    const none = await fixture.run('price', '--type', 'g5.xlrge');
    assert.equal(none.exit, 1);
    assert.match(none.stderr, /no spot price in this Region\nhint: check the names/);
  });

  test('wrong use', async (context) => {
    const fixture = await clientFixture(context);
    for (const [words, says] of [
      [[], /neither a portal nor an instance type/],
      [['a', 'b'], /unexpected argument "b"/],
      [['a', '--days', '0'], /--days "0" is not a number from 1 to 90/],
      [['a', '--days', '7.5'], /is not a number/],
      [['--type', 'g5'], /"g5" is not an instance type such as g5\.xlarge/],
      [['gpu'], /gpu\.yaml:1:\d+: spot_instance.*gpu\.yaml has mistakes/s],
    ] as const) {
      const { exit, stderr } = await fixture.run('price', ...words);
      assert.equal(exit, 2, words.join(' '));
      assert.match(stderr, says);
    }
    assert.equal((await fixture.run('price', './nothing.yaml')).exit, 4);
    fixture.daemon.service.prices = () => Promise.reject(new PortalError('unknown-portal', 'none'));
    const neither = await fixture.run('price', 'nothing');
    assert.equal(neither.exit, 4);
    assert.match(neither.stderr, /neither a specification file of nothing here nor a portal named nothing/);
  });
});
