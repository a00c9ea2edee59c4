/**
 * Durations and rates for people.
 */

/** `0:42`, `3:05`, `2:00:10`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}

/** Messages a second: `41`, `4.1`, `0.05`. */
export function formatRate(count: number, ms: number): string {
  const rate = ms <= 0 ? 0 : (count * 1000) / ms;
  return rate >= 10 || rate === 0 ? rate.toFixed(0) : rate.toFixed(rate >= 1 ? 1 : 2);
}
