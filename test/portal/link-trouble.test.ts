// When it is told that an instance does not let portald in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkStatus } from '../../daemon/portal/gateways.ts';
import { createLinkTrouble } from '../../daemon/portal/link-trouble.ts';

const silent = (message: string): LinkStatus => ({
  state: 'connecting',
  since: 0,
  failedAttempts: 3,
  rebalanceRecommended: false,
  difficulty: { kind: 'ssh', message, hint: 'check ssh_port', since: 50_000 },
});

test('nothing is said while an instance boots', () => {
  assert.equal(createLinkTrouble().news(1, silent('it is silent'), 59_000), undefined);
});

test('metadata that cannot be asked are told once they have been silent for long, and again after they were well', () => {
  const trouble = createLinkTrouble();
  const well = { state: 'connected', since: 0, failedAttempts: 0, rebalanceRecommended: false } as const;
  const silent = { kind: 'ssh', message: 'no metadata', since: 1000 } as const;
  const without: LinkStatus = { ...well, metadataDifficulty: silent };
  assert.equal(trouble.news(1, without, 31_000), undefined);
  assert.equal(trouble.news(1, without, 32_000), 'no metadata');
  assert.equal(trouble.news(1, without, 33_000), undefined);
  assert.equal(trouble.news(1, well, 34_000), undefined);
  assert.equal(trouble.news(1, without, 35_000), 'no metadata');
});

test('later each difficulty is told once, with what to do, until it is connected again', () => {
  const trouble = createLinkTrouble();
  assert.equal(trouble.news(1, silent('it is silent'), 61_000), 'it is silent (check ssh_port)');
  assert.equal(trouble.news(1, silent('it is silent'), 62_000), undefined);
  assert.equal(trouble.news(1, silent('it refuses'), 63_000), 'it refuses (check ssh_port)');
  assert.equal(trouble.news(1, silent('it is silent'), 64_000), undefined);
  assert.equal(trouble.news(2, silent('it is silent'), 64_000), 'it is silent (check ssh_port)');
  trouble.news(
    1,
    { state: 'connected', since: 65_000, failedAttempts: 0, rebalanceRecommended: false },
    65_000,
  );
  assert.equal(trouble.news(1, silent('it is silent'), 66_000), 'it is silent (check ssh_port)');
});
