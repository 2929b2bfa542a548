/** Times as people say them. */
import { ago } from '../src/time.js';
import type { Person } from '../src/wire.js';
import { language } from './l10n.js';

/** How long ago: `2 hours ago`. Times are seconds since 1970. */
export function relative(time: number, now = Date.now() / 1000): string {
    return ago(time, language(), now);
}

/** The date and time where the person was, with the offset: Git keeps both. */
export function absolute({ time, offset = 0 }: Person): string {
    const local = new Date((time + offset * 60) * 1000);
    const text = local.toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
    const minutes = Math.abs(offset);
    const digits = (value: number) => String(value).padStart(2, '0');
    return `${text} ${offset < 0 ? '-' : '+'}${digits(Math.trunc(minutes / 60))}${digits(minutes % 60)}`;
}
