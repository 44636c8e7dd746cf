// `npm run package:deb`: the Debian package of this clone, beside package.json. DEBFULLNAME and DEBEMAIL name its
// maintainer, SOURCE_DATE_EPOCH its time, which is that of the last commit by default.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildPackage } from './package.ts';

const clone = join(import.meta.dirname, '../..');
const { SOURCE_DATE_EPOCH: given, DEBFULLNAME: name, DEBEMAIL: address } = process.env;
const atS = given ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: clone, encoding: 'utf8' });
const file = await buildPackage({
  clone,
  dist: join(clone, 'dist'),
  node: join(clone, 'node_modules/node/bin/node'),
  into: clone,
  maintainer: `${name ?? 'The portald authors'} <${address ?? 'portald@example.org'}>`,
  atS: Number(atS),
  compression: 'xz',
});
process.stdout.write(`${file}\n`);
