// One thing that was looked at when portald and its surroundings were examined, as clients see it.

/**
 * `fine`: as it must be. `warning`: works, and could be better. `problem`: something will not work. `unknown`: it could not
 * be told.
 */
export type CheckLevel = 'fine' | 'warning' | 'problem' | 'unknown';

export interface CheckView {
  /** A word or an IAM action: `rsync`, `credentials`, `ec2:AttachVolume`. */
  readonly topic: string;
  readonly level: CheckLevel;
  readonly message: string;
  /** What to do, with the exact command where there is one. */
  readonly fix?: string;
}
