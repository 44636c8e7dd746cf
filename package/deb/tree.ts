// What lies where when the Debian package is installed.
import { globSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { engine } from '../../client/completion/engine.ts';
import { readGrammars } from '../../client/completion/grammar.ts';
import { completionScript, type Shell } from '../../client/completion/shells.ts';
import { commands } from '../../client/registry.ts';
import { productionPackages } from '../production.ts';
import { copy, put, putCompressed } from './place.ts';
import { changelog, copyright, type Facts } from './texts.ts';

/** Where each shell looks for completions. */
const completionPlaces: Readonly<Record<Shell, string>> = {
  bash: 'usr/share/bash-completion/completions/portalctl',
  zsh: 'usr/share/zsh/vendor-completions/_portalctl',
  fish: 'usr/share/fish/vendor_completions.d/portalctl.fish',
};

/** Of npm packages only what runs: no types, no source maps, no tests, no pages, nothing compiled on the machine that builds. */
const notNeeded =
  /\/(node_modules|build|test|tests|bench|benchmarks?|dist-types|\.[^/]*)$|\.(map|d\.[cm]?ts|ts|html)$/;

/** What is put into it: the project's folder, its compiled programs with the manual, the program of Node. */
export interface Ingredients {
  readonly clone: string;
  readonly dist: string;
  readonly node: string;
}

/** Lays everything but the control files out below `root`. */
export async function layOut(root: string, { clone, dist, node }: Ingredients, facts: Facts): Promise<void> {
  const home = join(root, 'usr/lib/portald');
  const document = join(root, 'usr/share/doc/portald');
  const read = (path: string): string => readFileSync(join(clone, path), 'utf8');

  // All of it is run by this Node alone, never by the name in its first line: nothing else is made a program.
  copy(node, join(home, 'bin/node'), 0o755);
  copy(dist, join(home, 'dist'), 0o644, (path) => path !== join(dist, 'man'));
  copy(join(clone, 'package.json'), join(home, 'package.json'));
  // What `portalctl daemon install` makes a user's own unit of.
  copy(join(clone, 'systemd'), join(home, 'systemd'));
  const packages = productionPackages(join(clone, 'package-lock.json'));
  for (const [path] of packages)
    copy(join(clone, path), join(home, path), 0o644, (one) => !notNeeded.test(one));

  const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
  for (const [name, file] of Object.entries(bin)) {
    const words = `/usr/lib/portald/bin/node /usr/lib/portald/${file} "$@"`;
    put(join(root, 'usr/bin', name), `#!/bin/sh\nexec ${words}\n`, 0o755);
  }

  for (const name of readdirSync(join(clone, 'systemd')))
    copy(
      join(clone, 'systemd', name),
      join(root, 'usr/lib/systemd', name.includes('@') ? 'system' : 'user', name),
    );

  mkdirSync(join(root, 'etc/portald'), { recursive: true, mode: 0o755 });

  const words = engine(await readGrammars(commands));
  for (const [shell, place] of Object.entries(completionPlaces))
    put(join(root, place), completionScript(shell as Shell, words));

  for (const name of readdirSync(join(dist, 'man')))
    putCompressed(
      join(root, 'usr/share/man', `man${name.slice(-1)}`, name),
      readFileSync(join(dist, 'man', name)),
    );

  for (const name of ['README.md', 'iam-policy.json']) copy(join(clone, name), join(document, name));
  copy(join(clone, 'sandbox/README.md'), join(document, 'sandbox/README.md'));
  put(join(document, 'copyright'), copyright(read('LICENSE'), packages));
  putCompressed(join(document, 'changelog'), read('CHANGELOG.md'));
  putCompressed(join(document, 'changelog.Debian'), changelog(facts));
  const [license] = globSync('node_modules/{node/node_modules/,}node-*linux*/LICENSE', { cwd: clone });
  if (license === undefined) throw new Error('the licence of Node is not in node_modules; npm ci brings it');
  putCompressed(join(document, 'LICENSE.node'), read(license));
  copy(join(import.meta.dirname, 'lintian-overrides'), join(root, 'usr/share/lintian/overrides/portald'));
}
