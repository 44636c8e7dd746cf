// What a portal has for itself is taken in the moment in which a request is accepted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadSpecification } from '../../daemon/examine-specification.ts';
import { createReservations, type Holder } from '../../daemon/reservations.ts';
import type { Specification } from '../../protocol/specification/schema.ts';
import * as a from '../portal/world.ts';

const { specification: example } = a.record();

function read(path: string, change: Partial<Specification> = {}): ReadSpecification {
  const locate: ReadSpecification['locate'] = ({ message }) => ({ line: 1, column: 1, path: '', message });
  return { path, specification: { ...example, ...change }, locate };
}

const volume = (id: string) => ({ volume_id: id, device: '/dev/xvdf', mount_point: '/home/ubuntu/data' });
const own = (id: string): Partial<Specification> => ({ persistent_volumes: [volume(id)], channels: [] });

test('a volume goes to one of two openings, until that has failed', () => {
  const reservations = createReservations(() => []);
  const first = reservations.reserve('one', read('/one.yaml', own('vol-1')));
  assert.throws(() => reservations.reserve('other', read('/other.yaml', own('vol-1'))), {
    kind: 'volume',
    message: 'volume vol-1 is used by portal one',
  });
  reservations.reserve('third', read('/third.yaml', own('vol-2'))).release();
  first.release();
  reservations.reserve('other', read('/other.yaml', own('vol-1')));
  assert.deepEqual(
    reservations.holders().map((one) => one.name),
    ['other'],
  );
});

test('a name is opened or reloaded by one request at a time, and has what it has on record', () => {
  const onRecord: Holder[] = [{ name: 'one', specificationPath: '/one.yaml', specification: example }];
  const reservations = createReservations(() => onRecord);
  const reload = reservations.reserve('one', read('/one.yaml'));
  assert.throws(() => reservations.reserve('one', read('/one.yaml')), { kind: 'portal-conflict' });
  assert.throws(() => reservations.reserve('other', read('/other.yaml')), { kind: 'volume' });
  reload.release();
  reservations.reserve('one', read('/one.yaml'));
});

test('a folder that one fetches into is not emptied by another that is just being opened', () => {
  const reservations = createReservations(() => []);
  const fetching = (id: string): Partial<Specification> => ({
    persistent_volumes: [volume(id)],
    channels: [
      {
        direction: 'in',
        local_path: '/home/me/results/',
        remote_path: '/home/ubuntu/data/results/',
        recursive: true,
        delete: true,
      },
    ],
  });
  reservations.reserve('one', read('/one.yaml', fetching('vol-1')));
  assert.throws(() => reservations.reserve('other', read('/other.yaml', fetching('vol-2'))), {
    kind: 'specification-invalid',
  });
});

test('who waits for what is reserved waits for all of it', async () => {
  const reservations = createReservations(() => []);
  const first = reservations.reserve('one', read('/one.yaml', own('vol-1')));
  const second = reservations.reserve('other', read('/other.yaml', own('vol-2')));
  let isSettled = false;
  const settled = reservations.settled().then(() => {
    isSettled = true;
  });
  first.release();
  await Promise.resolve();
  assert.equal(isSettled, false);
  second.release();
  await settled;
});
