// Time as people say it.

/** `3 s`, `1 min 40 s`, `2 h 5 min`, `3 d 4 h`; below a second `0 s`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** `in 1 min 40 s` for a time to come, `5 s ago` for one past; the text itself if it is no time. */
export function relativeText(isoTime: string, nowMs: number): string {
  const time = Date.parse(isoTime);
  if (Number.isNaN(time)) return isoTime;
  return time > nowMs ? `in ${durationText(time - nowMs)}` : `${durationText(nowMs - time)} ago`;
}

/** The time of day, `14:03:09`, in the local zone; the text itself if it is no time. */
export function clockText(isoTime: string): string {
  const time = new Date(isoTime);
  if (Number.isNaN(time.getTime())) return isoTime;
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** The time of day; with the date before it if it was another day than that of `nowMs`. */
export function momentText(isoTime: string, nowMs: number): string {
  const date = new Date(isoTime);
  if (Number.isNaN(date.getTime()) || date.toDateString() === new Date(nowMs).toDateString())
    return clockText(isoTime);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${day} ${clockText(isoTime)}`;
}
