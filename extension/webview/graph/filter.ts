/** The filter box: `agent:foo author:"Ada L" path:src since:2w tests:passed`. */
import type { GraphParams } from '../../src/wire.js';
import { t } from '../l10n.js';

/** What a history can be filtered by. */
export const FIELDS = ['agent', 'author', 'path', 'since', 'tests'] as const;

/** One of the filter's fields. */
export type Field = (typeof FIELDS)[number];

/** The filter as requests take it. */
export type Filter = Pick<GraphParams, Field>;

const TESTS = ['passed', 'failed', 'unknown'] as const;

/** What the box says, or what is wrong with it. */
export type Parsed = { readonly filter: Filter } | { readonly error: string };

// A quote that is not closed yet reaches to the end.
const TOKEN = /([a-z]+):(?:"([^"]*)"?|(\S*))|\S+/gi;

/** Reads the box. */
export function parse(text: string): Parsed {
    const found: Partial<Record<Field, string>> = {};
    for (const [token, key, quoted, bare] of text.matchAll(TOKEN)) {
        const field = FIELDS.find((name) => name === key?.toLowerCase());
        const value = quoted ?? bare ?? '';
        if (!field) {
            return { error: t('“{0}” is no filter: write {1}.', token, FIELDS.map((name) => `${name}:`).join(', ')) };
        }
        if (!value) {
            return { error: t('{0} needs a value.', `${field}:`) };
        }
        if (field in found) {
            return { error: t('{0} is there twice.', `${field}:`) };
        }
        found[field] = value;
    }
    const { tests, ...rest } = found;
    if (tests === undefined) {
        return { filter: rest };
    }
    const state = TESTS.find((name) => name === tests);
    return state ? { filter: { ...rest, tests: state } } : { error: t('tests: is one of {0}.', TESTS.join(', ')) };
}

/** The filter as the box shows it. */
export function format(filter: Filter): string {
    return FIELDS.filter((field) => filter[field] !== undefined)
        .map((field) => token(field, filter[field] as string))
        .join(' ');
}

/** One field as the box shows it. */
export function token(field: Field, value: string): string {
    return `${field}:${/\s/.test(value) ? `"${value}"` : value}`;
}

/** The filter without one of its fields. */
export function without(filter: Filter, field: Field): Filter {
    const { [field]: _, ...rest } = filter;
    return rest;
}
