// portald's own configuration file: optional, small, checked like a specification. Credentials are never in it.
import { readFile } from 'node:fs/promises';
import { PortalError, type Problem } from '../protocol/errors.ts';
import { byPlace, readLocatedYaml } from '../protocol/located-yaml.ts';
import type { Infer } from '../protocol/schema.ts';
import { assumeChecked, compileCheck } from '../protocol/validate.ts';

const configurationSchema = {
  type: 'object',
  additionalProperties: false,
  required: [],
  properties: {
    region: {
      type: 'string',
      pattern: '^[a-z0-9-]+$',
      description: 'AWS Region; else that of the environment',
    },
    profile: { type: 'string', minLength: 1, description: 'AWS profile; else that of the environment' },
    log_level: { type: 'string', enum: ['debug', 'info', 'warn', 'error'] },
    early_replacement: {
      type: 'number',
      minimum: 0,
      maximum: 1440,
      description:
        'minutes for which a replacement that AWS’s rebalance recommendation made us launch waits beside the instance; ' +
        'default 0: none is launched before there is a notice',
    },
    metadata_interval: {
      type: 'number',
      minimum: 0.2,
      maximum: 5,
      description: 'seconds between two looks at an instance’s metadata; default 1',
    },
  },
} as const;

export type Configuration = Infer<typeof configurationSchema>;

/** Reads the file; an absent one is an empty configuration. PortalError `configuration` lists every mistake. */
export async function readConfiguration(path: string): Promise<Configuration> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw refused(path, error instanceof Error ? error.message : String(error), []);
  }
  if (text.trim() === '') return {};
  const read = readLocatedYaml(text);
  if ('problems' in read) throw refused(path, 'it cannot be read', read.problems);
  // A file with nothing but comments is an empty configuration too.
  if (read.value === null) return {};
  const mistakes = compileCheck(configurationSchema)(read.value);
  if (mistakes.length > 0)
    throw refused(path, 'it has mistakes', mistakes.map(read.locate).toSorted(byPlace));
  return assumeChecked(configurationSchema, read.value);
}

function refused(path: string, reason: string, problems: readonly Problem[]): PortalError {
  const places = problems.map((one) => `${path}:${one.line}:${one.column}: ${one.path}: ${one.message}`);
  return new PortalError('configuration', [`configuration ${path}: ${reason}`, ...places].join('; '), {
    hint: 'correct the file, or set PORTALD_CONFIG to another one',
    problems,
  });
}
