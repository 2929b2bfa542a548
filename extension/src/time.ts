/** Times as people say them, in the host and in webviews. */

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
    ['year', 365 * 86_400],
    ['month', 30 * 86_400],
    ['week', 7 * 86_400],
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
];

/** How long ago: `2 hours ago`. Times are seconds since 1970. */
export function ago(time: number, language: string, now = Date.now() / 1000): string {
    return said(time - now, language, 'long');
}

/** How long ago where room is short, and where nobody counts seconds: `2 hr. ago`, `now`. */
export function shortAgo(time: number, language: string, now: number): string {
    const difference = time - now;
    return said(Math.abs(difference) < 60 ? 0 : difference, language, 'short');
}

function said(difference: number, language: string, style: Intl.RelativeTimeFormatStyle): string {
    const [unit, seconds] = UNITS.find(([, size]) => Math.abs(difference) >= size) ?? (['second', 1] as const);
    const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style });
    return format.format(Math.trunc(difference / seconds), unit);
}
