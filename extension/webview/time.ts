/** Times as people say them. */
import type { Person } from '../src/wire.js';
import { language } from './l10n.js';

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
export function relative(time: number, now = Date.now() / 1000): string {
    const difference = time - now;
    const [unit, seconds] = UNITS.find(([, size]) => Math.abs(difference) >= size) ?? (['second', 1] as const);
    return new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(Math.trunc(difference / seconds), unit);
}

/** The date and time where the person was, with the offset: Git keeps both. */
export function absolute({ time, offset = 0 }: Person): string {
    const local = new Date((time + offset * 60) * 1000);
    const text = local.toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
    const minutes = Math.abs(offset);
    const digits = (value: number) => String(value).padStart(2, '0');
    return `${text} ${offset < 0 ? '-' : '+'}${digits(Math.trunc(minutes / 60))}${digits(minutes % 60)}`;
}
