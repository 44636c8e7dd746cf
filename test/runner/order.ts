// In which order the files are run.

/** Those that take longest, the longest first (`npm test -- --slowest` tells): begun last, one would run alone at the end. */
const longest: readonly string[] = [];

export function longestFirst(files: readonly string[]): string[] {
  const place = (file: string): number => {
    const index = longest.findIndex((name) => file.endsWith(`/${name}.test.ts`));
    return index < 0 ? longest.length : index;
  };
  return files.toSorted((left, right) => place(left) - place(right));
}
