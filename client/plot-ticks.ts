// Where a plot's axes have their marks: round values, and hours or days of the local calendar.

export interface ValueScale {
  /** The lowest and the highest value that the axis shows, both multiples of `step`. */
  readonly low: number;
  readonly high: number;
  /** How many intervals of the same size lie between them. */
  readonly intervals: number;
  /** The text at the upper end of interval `index`, from the lowest value (0) up. */
  readonly textAt: (index: number) => string;
}

/** Less than this part of the highest value is drawn as if it were so much: a cent's tenth is no cliff. */
const leastSpan = 0.02;

/** Round values around `lowest` and `highest`; both are at least 0. */
export function valueScale(lowest: number, highest: number): ValueScale {
  const least = highest === 0 ? 1 : highest * leastSpan;
  const middle = (lowest + highest) / 2;
  const span = Math.max(highest - lowest, least);
  const from = Math.max(0, Math.min(lowest, middle - span / 2));
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= span / 4 - power * 1e-9) ?? 10;
  const step = factor * power;
  const first = Math.floor(from / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.max(highest, from + span) / step - 1e-9));
  const decimals = Math.max(2, -Math.floor(Math.log10(step) + 1e-9) + (factor === 2.5 ? 1 : 0));
  return {
    low: first * step,
    high: last * step,
    intervals: last - first,
    textAt: (index) => ((first + index) * step).toFixed(decimals),
  };
}

export interface TimeTick {
  readonly atMs: number;
  readonly text: string;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const hourMs = 3_600_000;

/** At most `most` marks: every so many hours or days, in local time. */
export function timeTicks(fromMs: number, toMs: number, most: number): TimeTick[] {
  const spanHours = (toMs - fromMs) / hourMs;
  const hours = [1, 2, 3, 6, 12].find((step) => spanHours / step <= most) ?? 24;
  const days = hours < 24 ? 1 : Math.max(1, Math.ceil(spanHours / 24 / Math.max(most, 1)));
  const ticks: TimeTick[] = [];
  // By the calendar: a day may have 23 or 25 hours.
  const at = new Date(fromMs);
  at.setHours(0, 0, 0, 0);
  while (at.getTime() <= toMs) {
    if (at.getTime() >= fromMs) ticks.push({ atMs: at.getTime(), text: textOf(at) });
    if (hours < 24) at.setHours(at.getHours() + hours);
    else at.setDate(at.getDate() + days);
  }
  return ticks;
}

function textOf(at: Date): string {
  const [hour, minute] = [at.getHours(), at.getMinutes()];
  if (hour === 0 && minute === 0) return `${at.getDate()} ${months[at.getMonth()]}`;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
