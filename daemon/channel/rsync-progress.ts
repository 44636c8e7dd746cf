// How far a run of rsync is, by what it prints with --info=progress2 about once a second.

export interface Transferring {
  /** Moved up to now. */
  readonly bytes: number;
  /** Of what rsync knows to be moved; while it still looks for files, that may become more. */
  readonly percent: number;
}

/** The last progress in a piece of the output; undefined if it holds none that is whole. */
export function progressIn(text: string): Transferring | undefined {
  const last = [...text.matchAll(/\r *([\d.,]+) +(\d{1,3})% /g)].at(-1);
  if (last === undefined) return undefined;
  return { bytes: Number(last[1]?.replaceAll(/[.,]/g, '')), percent: Number(last[2]) };
}
