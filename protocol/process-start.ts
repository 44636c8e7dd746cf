// When a process began, as the lock of a state folder names it: by this it is told from another one with its number.

/** Field 22 of /proc/PID/stat in ticks since boot, and the boot's id, empty where it may not be read. */
export function processStart(statistics: string, bootId: string): string {
  // The second field is the program's name in parentheses and may hold spaces.
  const fields = statistics.slice(statistics.lastIndexOf(')') + 2).split(' ');
  return `${fields[19]}@${bootId.trim()}`;
}

/** The one who wrote it may not have been allowed to read the boot's id, or the one who asks may not. */
export function isSameStart(one: string, other: string): boolean {
  const [ticks, boot] = one.split('@');
  const [otherTicks, otherBoot] = other.split('@');
  return ticks === otherTicks && (!boot || !otherBoot || boot === otherBoot);
}
