// Compiled code is kept only where nobody else could put any.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compiledCodeFolder } from '../../protocol/compiled-code.ts';

const environment = { PORTALD_STATE_DIR: '/state' };

test('compiled code is kept in a state folder that is there, and of this user alone', () => {
  const of = (found: { uid: number; mode: number } | undefined): string | undefined =>
    compiledCodeFolder(environment, 1000, () => found);
  assert.equal(of({ uid: 1000, mode: 0o40700 }), '/state/compiled');
  assert.equal(of(undefined), undefined);
  assert.equal(of({ uid: 1000, mode: 0o40770 }), undefined);
  // With an open umask what is made in it would be others' to write.
  assert.equal(of({ uid: 1000, mode: 0o40755 }), undefined);
  assert.equal(of({ uid: 1000, mode: 0o40702 }), undefined);
  assert.equal(of({ uid: 1001, mode: 0o40700 }), undefined);
});

test('nor where somebody else has put the folder for it while he could', () => {
  const of = (kept: { uid: number; mode: number } | undefined): string | undefined =>
    compiledCodeFolder(environment, 1000, (path) =>
      path === '/state' ? { uid: 1000, mode: 0o40700 } : kept,
    );
  assert.equal(of({ uid: 1000, mode: 0o40755 }), '/state/compiled');
  assert.equal(of(undefined), '/state/compiled');
  assert.equal(of({ uid: 1001, mode: 0o40755 }), undefined);
  assert.equal(of({ uid: 1000, mode: 0o40777 }), undefined);
});

test('root keeps none among the files of another user', () => {
  assert.equal(
    compiledCodeFolder(environment, 0, () => ({ uid: 1000, mode: 0o40700 })),
    undefined,
  );
});

test('an environment that names no folder is for the program to refuse', () => {
  const look = () => ({ uid: 1000, mode: 0o40700 });
  assert.equal(compiledCodeFolder({ PORTALD_STATE_DIR: 'here' }, 1000, look), undefined);
});
