// The main job with the real three programs: open, work, be interrupted, recover, close; nothing left on the bill.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../stage/portal-user.ts';
import { runToEnd } from '../stage/programs.ts';
import { withPackages } from '../stage/specification.ts';
import { type Stage, setStage } from '../stage/stage.ts';

const workspace = '/home/ubuntu/workspace';

let stage: Stage;
before(async () => {
  stage = await setStage('portald-main-');
  await stage.startPortald();
});
after(() => stage?.end());

test('a portal opens, follows files both ways, survives a notice and closes without a trace', async () => {
  stage.specify('gpu', (example) => ({
    ...withPackages(example),
    on_open: [`echo opened >> ${workspace}/opened.txt`],
    on_interruption: [`echo drained > ${workspace}/drained.txt`],
  }));
  const user = portalUser(stage, 'gpu');
  writeFileSync(join(stage.project, 'code', 'before.py'), 'before');

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
  const line = /^ +log in +(ssh .*)$/m.exec((await stage.portalctl(['status', 'gpu'])).stdout)?.[1] ?? '';
  const asksNothing = line.replace(/^ssh/, 'ssh -o BatchMode=yes');
  const login = await runToEnd('sh', ['-c', `${asksNothing} whoami`], { env: stage.environment });
  assert.deepEqual([login.code, login.stdout], [0, 'ubuntu\n'], `${line}: ${login.stderr}`);

  writeFileSync(join(stage.project, 'code', 'saved.py'), 'saved');
  assert.equal(await user.fileThere(`${workspace}/code/saved.py`), 'saved');
  await stage.onInstance(
    address,
    `mkdir -p ${workspace}/results; echo out > ${workspace}/results/run.txt; echo data > ${workspace}/checkpoint`,
  );
  const here = await eventually('the result is here', () => {
    try {
      return readFileSync(join(stage.project, 'results', 'run.txt'), 'utf8') || undefined;
    } catch {
      return undefined;
    }
  });
  assert.equal(here, 'out\n');
  const packages = await stage.onInstance(address, '/home/ubuntu/venv/bin/python -c "import tqdm, einops"');
  assert.equal(packages.code, 0, packages.stderr);

  // What is written last before the end must come over too: the drain fetches it.
  await stage.onInstance(address, `echo late > ${workspace}/results/late.txt`);
  await stage.control.post('notice', { instanceId: first });
  const again = await user.until('open', first);
  assert.equal(again.generation, 2);
  assert.equal(again.interruption, undefined);
  assert.equal(await user.fileThere(`${workspace}/checkpoint`), 'data\n');
  assert.equal(await user.fileThere(`${workspace}/drained.txt`), 'drained\n');
  assert.equal(await user.fileThere(`${workspace}/opened.txt`), 'opened\nopened\n');
  assert.equal(readFileSync(join(stage.project, 'results', 'late.txt'), 'utf8'), 'late\n');
  writeFileSync(join(stage.project, 'code', 'after.py'), 'after');
  assert.equal(await user.fileThere(`${workspace}/code/after.py`), 'after');
  const newAddress = again.instance?.address ?? '';
  await eventually('the packages are installed again', async () => {
    const found = await stage.onInstance(newAddress, '/home/ubuntu/venv/bin/python -c "import tqdm, einops"');
    return found.code === 0 ? true : undefined;
  });
  // Each cause stands before the state that the portal came into by it.
  const why = await stage.portalctl(['why', 'gpu', '--json']);
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
    const old = (await stage.control.instances()).find((one) => one.instanceId === first);
    return old?.state === 'terminated' ? true : undefined;
  });

  const closed = await user.close();
  assert.equal(closed.state, 'closed');
  await assertNothingLeft(stage);
});

test('an instance that dies without a notice is replaced, and its volume is mounted again', async () => {
  stage.specify('sudden');
  const user = portalUser(stage, 'sudden');
  const opened = await user.open();
  await stage.onInstance(opened.instance?.address ?? '', `echo kept > ${workspace}/kept; sync`);
  await stage.control.post('kill', { instanceId: opened.instance?.id ?? '' });
  await user.until('open', opened.instance?.id ?? '');
  assert.equal(await user.fileThere(`${workspace}/kept`), 'kept\n');
  await user.close();
  await assertNothingLeft(stage);
});

test('a file saved while the portal moves arrives on the new instance', async () => {
  stage.specify('moving');
  const user = portalUser(stage, 'moving');
  const opened = await user.open();
  await stage.control.post('notice', { instanceId: opened.instance?.id ?? '' });
  for (let number = 0; number < 20; number++) {
    writeFileSync(join(stage.project, 'code', `burst-${number}`), `${number}`);
    const { state } = await user.view();
    if (state === 'open' && number > 5) break;
  }
  writeFileSync(join(stage.project, 'code', 'last'), 'last');
  await user.until('open', opened.instance?.id ?? '');
  assert.equal(await user.fileThere(`${workspace}/code/last`), 'last');
  assert.equal(await user.fileThere(`${workspace}/code/burst-0`), '0');
  await user.close();
  await assertNothingLeft(stage);
});
