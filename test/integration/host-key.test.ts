// The right machine, by each source of its host key that a specification can name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import type { ExampleSpecification } from '../fixture/specification.ts';

let fixture: ProgramsFixture;
let log: () => string;
before(async () => {
  fixture = await startProgramsFixture('portald-host-key-', { delays: { consoleOutput: 3000 } });
  ({ log } = await fixture.startPortald());
});
after(() => fixture?.end());

const knownBy =
  (source: string) =>
  (example: ExampleSpecification): object => ({
    ...example,
    host_key: source,
  });

test('with console it opens once the console has told the host keys', async () => {
  fixture.specify('by-console', knownBy('console'));
  const user = portalUser(fixture, 'by-console');
  await user.open();
  assert.match(log(), /host key of i-\w+ read from its console/);
  await user.close();
  await assertNothingLeft(fixture);
});

test('with first-use it opens at once, and the console confirms the key later', async () => {
  fixture.specify('at-first', knownBy('first-use'));
  const user = portalUser(fixture, 'at-first');
  await user.open();
  await eventually('the console confirms it', () =>
    /the console of i-\w+ tells the host key that was accepted/.test(log()) ? true : undefined,
  );
  await user.close();
  await assertNothingLeft(fixture);
});

test('with first-use a machine whose console tells another key ends everything', async () => {
  fixture.specify('false', knownBy('first-use'));
  const user = portalUser(fixture, 'false');
  assert.equal((await fixture.portalctl(['open', 'false', '--no-wait'])).code, 0);
  const instance = await eventually('it runs', async () =>
    (await fixture.control.instances()).find((one) => one.state === 'running'),
  );
  await fixture.control.post('forge-console', { instanceId: instance.instanceId });
  const { problem } = await user.until('failed');
  assert.equal(problem?.kind, 'host-key');
  assert.match(problem.message, /was not that instance/);
  await assertNothingLeft(fixture);
});
