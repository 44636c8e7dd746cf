// Random edits of a tree.
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Chance } from '../crash/chance.ts';

/** Makes one change that an editor, a program or a person could make. */
export function edit(root: string, chance: Chance, index: number): void {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const anyOf = (prefix: string): string =>
    join(root, names[chance.below(Math.max(1, names.length))] ?? `${prefix}${index}`);
  const fresh = (): string =>
    join(chance.below(2) === 0 ? root : dirname(anyOf('new ')), `name ${chance.below(40)}`);
  const path = anyOf('first ');
  const content = `${index} `.repeat(1 + chance.below(2000));
  const kinds: readonly (() => void)[] = [
    () => writeFileSync(fresh(), content),
    () => writeFileSync(path, content),
    () => writeFileSync(path, 'same size'),
    () => appendFileSync(path, content),
    () => {
      writeFileSync(`${path}.tmp`, content);
      renameSync(`${path}.tmp`, path);
    },
    () => renameSync(path, fresh()),
    () => chmodSync(path, 0o700 + chance.below(0o100)),
    () => rmSync(path, { recursive: true }),
    () => mkdirSync(join(fresh(), 'a/b'), { recursive: true }),
    () => symlinkSync(`to ${index}`, fresh()),
    () => {
      rmSync(path, { recursive: true });
      mkdirSync(path);
      writeFileSync(join(path, 'inner'), content);
    },
  ];
  try {
    kinds[chance.below(kinds.length)]?.();
  } catch {
    // Not every edit can be made of every path.
  }
}
