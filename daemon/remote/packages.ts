// Installs Python packages into the user's environment on the instance: a virtual environment by its folder (made if it
// does not exist), or a conda environment by name or folder.
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { RemoteResult, RunOptions } from './remote-command.ts';

/** Runs the program, which ends with the call. */
export type RunSupervised = (words: readonly string[], options?: RunOptions) => Promise<RemoteResult>;

// Becomes pip, so that a signal ends pip. The specification's schema keeps package names from being options.
const script = `
environment=$1
shift
case $environment in
  '~') folder=$HOME ;;
  '~/'*) folder=$HOME/\${environment#'~/'} ;;
  /*) folder=$environment ;;
  */*) folder=$HOME/$environment ;;
  *)
    folder=
    for root in "$HOME/anaconda3" "$HOME/miniconda3" "$HOME/miniforge3" "$HOME/mambaforge" "$HOME/micromamba" \\
      "$HOME/.local/share/mamba" "$HOME/.conda" /opt/conda /opt/miniconda3 /opt/miniforge3 /opt/anaconda3; do
      if [ -x "$root/envs/$environment/bin/python" ]; then folder=$root/envs/$environment; break; fi
      if [ "$environment" = base ] && [ -x "$root/bin/conda" ]; then folder=$root; break; fi
    done
    # Wherever conda has made one for this user, it has noted its folder.
    if [ -z "$folder" ] && [ -r "$HOME/.conda/environments.txt" ]; then
      while IFS= read -r noted; do
        if [ "\${noted##*/}" = "$environment" ] && [ -x "$noted/bin/python" ]; then folder=$noted; break; fi
      done < "$HOME/.conda/environments.txt"
    fi
    [ -n "$folder" ] || { echo "portald: no conda environment of that name" >&2; exit 66; }
    ;;
esac
if [ ! -x "$folder/bin/python" ]; then
  if [ -d "$folder/conda-meta" ]; then echo "portald: that conda environment has no python" >&2; exit 66; fi
  command -v python3 >/dev/null 2>&1 || { echo "portald: the instance has no python3" >&2; exit 66; }
  python3 -m venv "$folder" >&2 || exit 67
fi
[ $# -gt 0 ] || exit 0
exec "$folder/bin/python" -m pip install --disable-pip-version-check --no-input -q "$@"
`;

const timeoutMs = 30 * 60_000;

/**
 * Installs `packages` into `environment`: with a slash or `~` a folder, else the name of a conda environment. Idempotent.
 * @throws {PortalError} of kind `packages`, or `ssh` when the connection is lost or `signal` aborts
 */
export async function installPackages(
  run: RunSupervised,
  environment: string,
  packages: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const words = ['sh', '-c', script, 'sh', environment, ...packages];
  const { code, stdout, stderr } = await run(words, { timeoutMs, signal });
  if (code === 0) return;
  const shown = visibleText(environment);
  const said = lastError(`${stdout}\n${stderr}`);
  if (code === 66) {
    throw new PortalError('packages', `python_virtual_env ${shown}: ${said.replace('portald: ', '')}`, {
      hint: 'give the folder of a virtual environment, or the name or folder of a conda environment',
    });
  }
  if (code === 67) {
    throw new PortalError('packages', `the virtual environment ${shown} could not be made: ${said}`, {
      hint: 'on Debian and Ubuntu images: sudo apt-get install python3-venv',
    });
  }
  throw new PortalError('packages', `pip could not install ${visibleText(packages.join(' '))}: ${said}`, {
    hint: 'check spot_instance.extra_python_packages',
  });
}

/** pip's own words for a failure whose reason stands above them. */
const withoutReason = /^error: *(exception:|[a-z]+(-[a-z]+)+$|failed (to )?build)/i;

/** The line that says what went wrong: pip's last ERROR line, or the one that it means, else the last line. */
export function lastError(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const told = lines.findLast((line) => /^error\b/i.test(line));
  const at = lines.findLastIndex(
    (line) =>
      /^[\s│]*([\w.]*(Error|Exception)|(fatal )?error|fatal): \S/.test(line) &&
      !withoutReason.test(line.trim()),
  );
  // Who was asked says why before git says that it cannot go on.
  const before = /fatal: Could not read from remote/.test(lines[at] ?? '')
    ? lines[at - 1]?.trim()
    : undefined;
  const reason = before === undefined ? lines[at] : `${before}: ${lines[at]?.trim()}`;
  const quoted = lines[lines.findIndex((line) => line.includes('[end of output]')) - 1];
  const chosen =
    (told === undefined || withoutReason.test(told) ? (reason ?? quoted) : undefined) ??
    told ??
    lines.at(-1) ??
    'no reason given';
  return visibleText(
    chosen
      .replace(/^[\s│]+/, '')
      // Another folder each time.
      .replaceAll(/[^\s'"]*\/pip-[\w-]+/g, '…')
      .trim()
      .slice(0, 400),
  );
}
