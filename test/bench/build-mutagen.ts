// mutagen is not in Debian: it is built once by Go, as its releases are, and kept in the user's cache.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const version = 'v0.18.1';
const modulePath = 'github.com/mutagen-io/mutagen';
const bundle = 'mutagen-agents.tar.gz';

/** The program with its agents beside it, built where it is not there yet; or why it cannot be had. */
export function builtMutagen(): { readonly program: string } | { readonly trouble: string } {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'portald-bench');
  const folder = join(cache, `mutagen-${version}`);
  const program = join(folder, 'mutagen');
  if (existsSync(program)) return { program };
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    return { trouble: 'install Go (https://go.dev/dl), with which it is built' };
  }
  process.stderr.write(`building mutagen ${version}, once, into ${folder}\n`);
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, 'making-'));
  try {
    // The module's own replacement, which counts only in the main module. It must lie outside of a module of ours.
    writeFileSync(
      join(making, 'go.mod'),
      `module bench\n\ngo 1.22\n\nrequire ${modulePath} ${version}\n
replace k8s.io/apimachinery => github.com/mutagen-io/apimachinery v0.21.3-mutagen1\n`,
    );
    const os = said(['env', 'GOOS'], making);
    const processor = said(['env', 'GOARCH'], making);
    build(making, { command: 'mutagen', tag: 'mutagencli', output: 'mutagen' });
    const agent = `${os}_${processor}`;
    build(making, { command: 'mutagen-agent', tag: 'mutagenagent', output: agent });
    run('tar', ['-czf', bundle, agent], making);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    renameSync(join(making, bundle), join(folder, bundle));
    renameSync(join(making, 'mutagen'), program);
    return { program };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { trouble: `it could not be built (${reason}); put mutagen and ${bundle} into ${folder}` };
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function build(folder: string, { command, tag, output }: Record<'command' | 'tag' | 'output', string>): void {
  const tags = `${tag},mutagensspl`;
  const words = ['-mod=mod', '-trimpath', '-ldflags=-s', '-tags', tags, '-o', output];
  run('go', ['build', ...words, `${modulePath}/cmd/${command}`], folder);
}

function said(words: readonly string[], folder: string): string {
  return run('go', words, folder).trim();
}

function run(program: string, words: readonly string[], folder: string): string {
  const environment = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
  const result = spawnSync(program, words, { cwd: folder, env: environment, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(result.stderr.trim().split('\n').at(-1) ?? `${program} failed`);
  return result.stdout;
}
