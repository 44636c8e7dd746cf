// The main job with the real three programs: open, work, be interrupted, recover, close; nothing left on the bill.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { runToEnd } from '../fixture/programs.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { withPackages } from '../fixture/specification.ts';

const workspace = '/home/ubuntu/workspace';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-main-');
  await fixture.startPortald();
});
after(() => fixture?.end());

test('a portal opens, follows files both ways, survives a notice and closes without a trace', async () => {
  fixture.specify('gpu', (example) => ({
    ...withPackages(example),
    on_open: [`echo opened >> ${workspace}/opened.txt`],
    on_interruption: [`echo drained > ${workspace}/drained.txt`],
  }));
  const user = portalUser(fixture, 'gpu');
  writeFileSync(join(fixture.project, 'code', 'before.py'), 'before');

  const opened = await user.open();
  assert.equal(opened.state, 'open');
  assert.equal(opened.generation, 1);
  assert.deepEqual(
    opened.volumes.map((volume) => volume.state),
    ['mounted'],
  );
  const first = opened.instance?.id ?? '';
  const address = opened.instance?.address ?? '';
  assert.equal(await user.fileThere(`${workspace}/code/before.py`), 'before');
  const line = /^ +log in +(ssh .*)$/m.exec((await fixture.portalctl(['status', 'gpu'])).stdout)?.[1] ?? '';
  const asksNothing = line.replace(/^ssh/, 'ssh -o BatchMode=yes');
  const login = await runToEnd('sh', ['-c', `${asksNothing} whoami`], { env: fixture.environment });
  assert.deepEqual([login.code, login.stdout], [0, 'ubuntu\n'], `${line}: ${login.stderr}`);

  writeFileSync(join(fixture.project, 'code', 'saved.py'), 'saved');
  assert.equal(await user.fileThere(`${workspace}/code/saved.py`), 'saved');
  await fixture.onInstance(
    address,
    `mkdir -p ${workspace}/results; echo out > ${workspace}/results/run.txt; echo data > ${workspace}/checkpoint`,
  );
  const here = await eventually('the result is here', () => {
    try {
      return readFileSync(join(fixture.project, 'results', 'run.txt'), 'utf8') || undefined;
    } catch {
      return undefined;
    }
  });
  assert.equal(here, 'out\n');
  const packages = await fixture.onInstance(address, '/home/ubuntu/venv/bin/python -c "import tqdm, einops"');
  assert.equal(packages.code, 0, packages.stderr);

  // What is written last before the end must come over too: the drain fetches it.
  await fixture.onInstance(address, `echo late > ${workspace}/results/late.txt`);
  await fixture.control.post('notice', { instanceId: first });
  const again = await user.until('open', first);
  assert.equal(again.generation, 2);
  assert.equal(again.interruption, undefined);
  assert.equal(await user.fileThere(`${workspace}/checkpoint`), 'data\n');
  assert.equal(await user.fileThere(`${workspace}/drained.txt`), 'drained\n');
  assert.equal(await user.fileThere(`${workspace}/opened.txt`), 'opened\nopened\n');
  assert.equal(readFileSync(join(fixture.project, 'results', 'late.txt'), 'utf8'), 'late\n');
  writeFileSync(join(fixture.project, 'code', 'after.py'), 'after');
  assert.equal(await user.fileThere(`${workspace}/code/after.py`), 'after');
  const newAddress = again.instance?.address ?? '';
  await eventually('the packages are installed again', async () => {
    const found = await fixture.onInstance(
      newAddress,
      '/home/ubuntu/venv/bin/python -c "import tqdm, einops"',
    );
    return found.code === 0 ? true : undefined;
  });
  // Each cause stands before the state that the portal came into by it.
  const why = await fixture.portalctl(['why', 'gpu', '--json']);
  const { history } = JSON.parse(why.stdout) as { history: { text: string }[] };
  const told = history.map((one) => one.text);
  const order = [
    `${first} is taken back`,
    'open → recovering',
    'everything is in place',
    'recovering → open',
  ];
  const places = order.map((text) => told.findLastIndex((one) => one.includes(text)));
  assert.ok(!places.includes(-1), told.join('\n'));
  assert.deepEqual(
    places,
    places.toSorted((left, right) => left - right),
    told.join('\n'),
  );
  await eventually('the old instance is gone', async () => {
    const old = (await fixture.control.instances()).find((one) => one.instanceId === first);
    return old?.state === 'terminated' ? true : undefined;
  });

  const closed = await user.close();
  assert.equal(closed.state, 'closed');
  await assertNothingLeft(fixture);
});

test('an instance that dies without a notice is replaced, and its volume is mounted again', async () => {
  fixture.specify('sudden');
  const user = portalUser(fixture, 'sudden');
  const opened = await user.open();
  await fixture.onInstance(opened.instance?.address ?? '', `echo kept > ${workspace}/kept; sync`);
  await fixture.control.post('kill', { instanceId: opened.instance?.id ?? '' });
  await user.until('open', opened.instance?.id ?? '');
  assert.equal(await user.fileThere(`${workspace}/kept`), 'kept\n');
  await user.close();
  await assertNothingLeft(fixture);
});

test('a file saved while the portal moves arrives on the new instance', async () => {
  fixture.specify('moving');
  const user = portalUser(fixture, 'moving');
  const opened = await user.open();
  await fixture.control.post('notice', { instanceId: opened.instance?.id ?? '' });
  for (let number = 0; number < 20; number++) {
    writeFileSync(join(fixture.project, 'code', `burst-${number}`), `${number}`);
    const { state } = await user.view();
    if (state === 'open' && number > 5) break;
  }
  writeFileSync(join(fixture.project, 'code', 'last'), 'last');
  await user.until('open', opened.instance?.id ?? '');
  assert.equal(await user.fileThere(`${workspace}/code/last`), 'last');
  assert.equal(await user.fileThere(`${workspace}/code/burst-0`), '0');
  await user.close();
  await assertNothingLeft(fixture);
});
