// What was found about a specification beside its form, as clients see it.
import type { Problem } from './errors.ts';

/**
 * `refusal`: it cannot be opened so. `problem`: it can be tried, and will come to nothing as things are. `warning`: worth
 * knowing, or could not be found out. `fine`: what was looked at and is as it must be.
 */
export type FindingLevel = 'refusal' | 'problem' | 'warning' | 'fine';

/** A finding with its place in the text. */
export interface FindingView extends Problem {
  readonly level: FindingLevel;
  readonly hint?: string;
}
