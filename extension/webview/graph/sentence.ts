/** A row as a screen reader says it: what matters first, and no word about lanes. */
import type { GraphRow, Ref } from '../../src/wire.js';
import { t } from '../l10n.js';
import { relative } from '../time.js';

/** The row in one sentence. */
export function sentence(row: GraphRow, now?: number): string {
    const parts = [
        row.subject || t('(no message)'),
        row.agent ? t('by {0} with {1}', row.author.name, row.agent) : t('by {0}', row.author.name),
        relative(row.author.time, now),
        ...(row.refs ?? []).map(refName),
        ...(row.tests === 'passed' ? [t('tests passed')] : row.tests === 'failed' ? [t('tests failed')] : []),
        ...(row.metadata === 'full' ? [t('with metadata')] : row.metadata === 'missing' ? [t('metadata missing')] : []),
        ...((row.edges ?? []).length > 1 ? [t('a merge')] : []),
        row.gitCommit.slice(0, 7),
    ];
    return `${parts.join(', ')}.`;
}

/** A ref with its kind. */
export function refName(ref: Ref): string {
    switch (ref.kind) {
        case 'head':
            return t('HEAD');
        case 'stream':
            return ref.current ? t('current stream {0}', ref.name) : t('stream {0}', ref.name);
        case 'remote':
            return t('remote stream {0}', ref.name);
        case 'tag':
            return t('tag {0}', ref.name);
    }
}
