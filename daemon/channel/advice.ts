// What a person can do about what rsync says. Pure.

type Side = 'here' | 'there' | 'unknown';

const advices: readonly (readonly [said: RegExp, advice: (side: Side) => string])[] = [
  [/No space left on device|Disk quota exceeded/, (side) => `free space ${onSide(side)}`],
  [
    /Permission denied|Operation not permitted/,
    (side) => {
      const user = { here: 'the user of portald', there: 'the login user', unknown: 'its user' }[side];
      return `give ${user} the right to it`;
    },
  ],
  [
    /could not make way for|cannot delete non-empty directory/,
    (side) => `move away what has that name ${onSide(side)}`,
  ],
  [
    /must be a directory|File exists|Not a directory/,
    (side) => `a file has the name of a folder ${onSide(side)}: move it away, or correct the path`,
  ],
  [
    /out of memory|cannot allocate memory/i,
    () =>
      'the list of files is larger than an rsync may take here: name a smaller remote_path, or exclude what is not needed',
  ],
  [/no answer/, () => 'look for a disk that hangs, or a program that is stopped'],
  [
    /Read-only file system/,
    (side) =>
      side === 'here'
        ? 'make it writable; where systemd keeps portald for the machine, by ReadWritePaths= in its unit'
        : 'make it writable again',
  ],
];

/** Undefined for what needs nobody, or nobody knows. `direction` is the channel's. */
export function adviceFor(said: string, direction: 'in' | 'out'): string | undefined {
  for (const line of said.split('\n')) {
    const advice = advices.find(([pattern]) => pattern.test(line))?.[1];
    if (advice !== undefined) return `${advice(sideOf(line, direction))}; it goes on by itself`;
  }
  return undefined;
}

function onSide(side: Side): string {
  return { here: 'on this machine', there: 'on the instance', unknown: 'there' }[side];
}

/** Since 3.2 rsync says which of its processes is speaking, where it is not clear. */
function sideOf(line: string, direction: 'in' | 'out'): Side {
  if (line.startsWith('mkdir: ')) return 'there';
  const isOfReceiver = /could not make way|cannot delete|destination must be/.test(line);
  const role = isOfReceiver ? 'receiver' : /\[(sender|receiver|generator)\]/i.exec(line)?.[1]?.toLowerCase();
  if (role === undefined) return 'unknown';
  return (role === 'sender') === (direction === 'out') ? 'here' : 'there';
}
