/** Texts in the user's language; the host sends the translations, keyed by their English. */

let texts: Readonly<Record<string, string>> = {};
let locale = 'en';

/** Takes what the host sent at the start. */
export function setLanguage(language: string, translations: Readonly<Record<string, string>>): void {
    texts = translations;
    locale = language;
}

/** The language of dates and numbers, BCP 47. */
export function language(): string {
    return locale;
}

/** A text with `{0}`, `{1}` … filled in. */
export function t(english: string, ...values: readonly (string | number)[]): string {
    return (texts[english] ?? english).replaceAll(/\{(\d+)\}/g, (place, index) =>
        String(values[Number(index)] ?? place),
    );
}
