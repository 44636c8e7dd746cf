// What is wrong with a specification: in its text, on this machine, in the account. Changes nothing.
import { dirname, resolve } from 'node:path';
import { byPlace } from '../protocol/by-place.ts';
import { PortalError, type Problem } from '../protocol/errors.ts';
import type { FindingView } from '../protocol/finding.ts';
import { type OtherPortal, overlappingChannels } from '../protocol/specification/channel-overlap.ts';
import { channelWarnings } from '../protocol/specification/channel-warnings.ts';
import type { ParsedSpecification } from '../protocol/specification/parse.ts';
import { resolvePaths } from '../protocol/specification/resolve-paths.ts';
import type { Specification } from '../protocol/specification/schema.ts';
import { type Mistake, pathText } from '../protocol/validate.ts';
import type { Finding } from './ec2/finding.ts';
import type { Preflight } from './ec2/preflight.ts';
import { lookAtLocal } from './local-mistakes.ts';

export interface ExaminerParts {
  readonly parse: (text: string) => Promise<ParsedSpecification>;
  /** Asks what must be known before an opening. */
  readonly preflight: Preflight;
  /** Asks whatever can be found out. */
  readonly thoroughPreflight: Preflight;
  readonly readIdentity: (path: string) => Promise<{ publicKey: string }>;
  readonly home: string;
  /** Absolute paths of what is never carried. */
  readonly ownPaths: readonly string[];
}

/** A text without a mistake; its paths are absolute. */
export interface ReadSpecification {
  readonly path: string;
  readonly specification: Specification;
  readonly locate: (mistake: Mistake) => Problem;
}

export interface Examiner {
  /** Throws PortalError `specification-invalid` with every mistake in the text. */
  read(request: { readonly path: string; readonly text: string }): Promise<ReadSpecification>;
  /** Reads the private key; throws PortalError `specification-invalid` with all that is missing on this machine. */
  lookHere(read: ReadSpecification): Promise<{ publicKey: string }>;
  /** What is worth a second thought, a sentence each. */
  warnings(read: ReadSpecification): string[];
  /** Asks EC2. Throws PortalError only when it cannot be asked. */
  lookThere: Preflight;
  lookThereThoroughly: Preflight;
}

export function createExaminer(parts: ExaminerParts): Examiner {
  const { parse, home } = parts;
  return {
    async read({ path, text }) {
      const parsed = await parse(text);
      if ('problems' in parsed) throw invalid(path, parsed.problems);
      const specification = resolvePaths(parsed.specification, { folder: dirname(path), home, resolve });
      const read = { path, specification, locate: parsed.locate };
      refuseOverlaps(read, []);
      return read;
    },
    async lookHere({ path, specification, locate }) {
      const local = await lookAtLocal(specification, parts);
      if ('mistakes' in local) throw invalid(path, local.mistakes.map(locate).toSorted(byPlace));
      return local.identity;
    },
    warnings: ({ specification }) =>
      channelWarnings(specification, home).map(
        ({ path, message, hint }) => `${pathText(path)}: ${message}; ${hint}`,
      ),
    lookThere: parts.preflight,
    lookThereThoroughly: parts.thoroughPreflight,
  };
}

/** Throws PortalError `specification-invalid` for channels that lie on each other, or on those of `others`. */
export function refuseOverlaps(
  { path, specification, locate }: ReadSpecification,
  others: readonly OtherPortal[],
): void {
  const overlaps = overlappingChannels(specification, others);
  if (overlaps.length > 0) throw invalid(path, overlaps.map(locate).toSorted(byPlace));
}

/** The findings with their places in the text. */
export function locatedFindings(
  findings: readonly Finding[],
  { locate }: Pick<ReadSpecification, 'locate'>,
): FindingView[] {
  return findings
    .map(({ level, path, message, hint }) => ({
      ...locate({ path, atName: false, message }),
      level,
      ...(hint !== undefined && { hint }),
    }))
    .toSorted(byPlace);
}

/** Throws what opening is refused for: one refusal as it is, several with their places. */
export function refuseFindings(findings: readonly Finding[], read: ReadSpecification): void {
  const refusals = findings.filter((one) => one.level === 'refusal');
  const [first] = refusals;
  if (first === undefined) return;
  const { kind, message, hint } = first;
  if (refusals.length === 1) throw new PortalError(kind, message, { ...(hint !== undefined && { hint }) });
  throw new PortalError(kind, `${read.path} has ${refusals.length} mistakes`, {
    problems: refusals
      .map((one) =>
        read.locate({
          path: one.path,
          atName: false,
          message: one.hint === undefined ? one.message : `${one.message}; ${one.hint}`,
        }),
      )
      .toSorted(byPlace),
    hint: 'correct the file; nothing was launched',
  });
}

function invalid(path: string, problems: readonly Problem[]): PortalError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new PortalError('specification-invalid', `${path} has ${count}`, {
    problems,
    hint: 'correct the file; nothing was changed',
  });
}
