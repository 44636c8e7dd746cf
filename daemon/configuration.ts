// portald's own configuration file: optional, small, checked like a specification. Credentials are never in it.
import { byPlace } from '../protocol/by-place.ts';
import { PortalError, type Problem } from '../protocol/errors.ts';
import { readRegularFile } from '../protocol/regular-file.ts';
import type { Infer } from '../protocol/schema.ts';
import { assumeChecked, compileCheck } from '../protocol/validate.ts';
import { heldBy, othersCanWrite } from './hands.ts';
import { unsafePlace } from './private-path.ts';

/** Of the whole file. */
export const configurationSchema = {
  type: 'object',
  additionalProperties: false,
  required: [],
  properties: {
    region: {
      type: 'string',
      pattern: '^[a-z0-9-]+$',
      form: 'a Region such as eu-central-1',
      description: 'AWS Region; else that of the environment',
    },
    profile: { type: 'string', minLength: 1, description: 'AWS profile; else that of the environment' },
    log_level: { type: 'string', enum: ['debug', 'info', 'warn', 'error'] },
    early_replacement: {
      type: 'number',
      minimum: 0,
      maximum: 1440,
      description:
        "minutes for which a replacement that AWS's rebalance recommendation made us launch waits beside the instance; " +
        'default 0: none is launched before there is a notice',
    },
    install_rsync: {
      type: 'boolean',
      description: 'install rsync on an instance that has none, by its package manager; default false',
    },
    metadata_interval: {
      type: 'number',
      minimum: 0.2,
      maximum: 5,
      description: "seconds between two looks at an instance's metadata; default 1",
    },
  },
} as const;

export type Configuration = Infer<typeof configurationSchema>;

const mostBytes = 1024 * 1024;

/** By the codes of `readRegularFile`. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  ENOTREG: 'is not a regular file',
  EFBIG: 'is too large',
};

/** Reads the file; an absent one and /dev/null are an empty configuration, unless an absent one `mustExist`. PortalError lists every mistake. */
export async function readConfiguration(path: string, mustExist: boolean): Promise<Configuration> {
  let text: string;
  if (path === '/dev/null') return {};
  try {
    const { bytes, facts: held } = await readRegularFile(path, mostBytes);
    const own = process.getuid?.();
    if (own !== undefined && othersCanWrite(held, own)) {
      throw new PortalError('configuration', `the configuration ${path} ${heldBy(held)}`, {
        hint: `nobody else may write to it: chmod go-w ${path}, as its owner`,
      });
    }
    const unsafe = own !== undefined ? await unsafePlace(path, own) : undefined;
    if (unsafe !== undefined)
      throw new PortalError('configuration', `the configuration ${path}: ${unsafe}`, {
        hint: 'put it into a folder that nobody else may write to',
      });
    text = bytes.toString();
  } catch (error) {
    if (error instanceof PortalError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !mustExist) return {};
    const why = reasons[code ?? ''] ?? `cannot be read (${code})`;
    throw new PortalError('configuration', `the configuration ${path} ${why}`, {
      hint: 'set PORTALD_CONFIG to a file that can be read, or unset it',
    });
  }
  // A file with nothing but comments is an empty configuration too.
  if (text.replaceAll(/^\s*#.*$/gm, '').trim() === '') return {};
  const { readLocatedYaml } = await import('../protocol/located-yaml.ts');
  const read = readLocatedYaml(text);
  if ('problems' in read) throw refused(path, read.problems);
  const mistakes = compileCheck('configuration', configurationSchema)(read.value);
  if (mistakes.length > 0) throw refused(path, mistakes.map(read.locate).toSorted(byPlace));
  return assumeChecked(configurationSchema, read.value);
}

function refused(path: string, problems: readonly Problem[]): PortalError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new PortalError('configuration', `the configuration ${path} has ${count}`, {
    hint: 'correct it, or set PORTALD_CONFIG to another one',
    problems,
  });
}
