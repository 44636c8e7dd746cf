// Formats amounts of money.

/** `$12.50`, `$0.0416`: two digits after the point from a dollar on, below it as `hourlyText`. */
export function dollarText(dollars: number): string {
  return dollars >= 1 ? `$${dollars.toFixed(2)}` : hourlyText(dollars);
}

/** `$0.0416`, of an hour: four digits after the point, and more where they would be zeros. */
export function hourlyText(dollars: number): string {
  if (dollars === 0 || dollars >= 0.001) return `$${dollars.toFixed(4)}`;
  // Two digits that count.
  const digits = Math.min(20, 1 - Math.floor(Math.log10(dollars)));
  return `$${dollars.toFixed(digits)}`;
}
