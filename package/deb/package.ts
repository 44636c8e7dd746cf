// Builds portald_VERSION_ARCHITECTURE.deb with nothing but dpkg-deb. The same sources and the same SOURCE_DATE_EPOCH
// give the same bytes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account, copy, level, put } from './place.ts';
import { control, debianVersion } from './texts.ts';
import { layOut } from './tree.ts';

export interface Wish {
  /** The project, with its node_modules. */
  readonly clone: string;
  /** Its compiled programs and manual. */
  readonly dist: string;
  /** The program of Node that it brings. */
  readonly node: string;
  /** The folder for the package. */
  readonly into: string;
  /** As npm has it; that of package.json by default. */
  readonly version?: string;
  readonly maintainer: string;
  /** When it was made, in seconds since 1970. */
  readonly atS: number;
  /** As dpkg-deb's -Z takes it. */
  readonly compression: string;
}

/** Resolves to the path of the package. */
export async function buildPackage(wish: Wish): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'portald-deb-'));
  try {
    const manifest = JSON.parse(readFileSync(join(wish.clone, 'package.json'), 'utf8')) as {
      version: string;
    };
    const facts = {
      version: debianVersion(wish.version ?? manifest.version),
      architecture: execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim(),
      maintainer: wish.maintainer,
      atS: wish.atS,
    };
    await layOut(root, wish, facts);
    const { md5sums, sizeKiB } = account(root);
    put(join(root, 'DEBIAN/control'), control(facts, sizeKiB));
    put(join(root, 'DEBIAN/md5sums'), md5sums);
    const scripts = join(import.meta.dirname, 'maintainer');
    for (const name of readdirSync(scripts)) copy(join(scripts, name), join(root, 'DEBIAN', name), 0o755);
    level(root, wish.atS);
    const file = join(wish.into, `portald_${facts.version}_${facts.architecture}.deb`);
    const options = ['--root-owner-group', `-Z${wish.compression}`];
    execFileSync('dpkg-deb', [...options, '--build', root, file], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(wish.atS) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return file;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
