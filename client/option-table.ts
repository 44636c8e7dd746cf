// Which options a command line may have.

/** The options of one command line. */
export interface OptionTable {
  /** Options without a value, without dashes. */
  readonly flags: readonly string[];
  /** Options with a value, without dashes. */
  readonly values?: readonly string[];
  /** Of them those that may be given more than once. */
  readonly repeatable?: readonly string[];
  /** What a value of theirs may be, by option. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
  /** One-letter names: `{ f: 'field' }`. */
  readonly letters?: Readonly<Record<string, string>>;
}
