/** The changed files: a list with one tab stop whose entries open comparisons. */
import type { ToHost } from '../../src/messages.js';
import type { CommitDetails, FileChange } from '../../src/wire.js';
import { h } from '../dom.js';
import { t } from '../l10n.js';

/** Files shown before the rest is asked for. */
const AT_FIRST = 500;

const LETTERS: Record<string, string> = {
    added: 'A',
    modified: 'M',
    deleted: 'D',
    renamed: 'R',
    copied: 'C',
    'type-changed': 'T',
};

/** A change in words, for screen readers. */
export function describeChange(change: FileChange): string {
    const parts = [
        change.oldPath ? t('{0}, before {1}', change.path, change.oldPath) : change.path,
        kindName(change.kind),
    ];
    if (change.binary) {
        parts.push(t('binary'));
    }
    if (change.additions !== undefined && change.deletions !== undefined) {
        parts.push(t('lines added: {0}, removed: {1}', change.additions, change.deletions));
    }
    return parts.join(', ');
}

function kindName(kind: string): string {
    switch (kind) {
        case 'added':
            return t('added');
        case 'modified':
            return t('modified');
        case 'deleted':
            return t('deleted');
        case 'renamed':
            return t('renamed');
        case 'copied':
            return t('copied');
        default:
            return kind;
    }
}

/** The section of changed files. */
export function fileList(details: CommitDetails, outside: { post(message: ToHost): void }): HTMLElement {
    const files = details.files ?? [];
    const box = h('ul', { id: 'files', class: 'files', 'aria-label': t('Changed files'), onkeydown: move });
    const show = (count: number) =>
        box.replaceChildren(...files.slice(0, count).map((file) => entry(file, details, outside)));
    show(AT_FIRST);
    reachable(box, 0);
    const rest = h('button', { id: 'all-files' }, t('Show all {0} files', files.length));
    rest.addEventListener('click', () => {
        show(files.length);
        reachable(box, AT_FIRST)?.focus();
        rest.remove();
    });
    return h(
        'section',
        { 'aria-labelledby': 'changed' },
        h('h2', { id: 'changed' }, t('Changed files ({0})', files.length)),
        files.length > 0 ? box : h('p', {}, t('This commit changes no files.')),
        files.length > AT_FIRST && rest,
    );
}

function entry(change: FileChange, details: CommitDetails, outside: { post(message: ToHost): void }): HTMLElement {
    const [parent] = details.parents ?? [];
    const compare = () =>
        outside.post({ type: 'compare', commit: details.gitCommit, ...(parent !== undefined && { parent }), change });
    const counts = change.binary
        ? [h('span', { class: 'binary' }, t('binary'))]
        : [
              h('span', { class: 'additions' }, change.additions === undefined ? '' : `+${change.additions}`),
              h('span', { class: 'deletions' }, change.deletions === undefined ? '' : `−${change.deletions}`),
          ];
    return h(
        'li',
        {},
        h(
            'button',
            {
                class: 'file',
                tabindex: -1,
                disabled: change.binary === true,
                'data-path': change.path,
                'aria-label': describeChange(change),
                title: change.binary ? t('Binary files have no comparison') : t('Open the comparison'),
                onclick: compare,
            },
            h('span', { class: `kind ${change.kind}` }, LETTERS[change.kind] ?? '?'),
            h('span', { class: 'path' }, change.oldPath ? `${change.oldPath} → ${change.path}` : change.path),
            ...counts,
        ),
    );
}

function buttons(box: HTMLElement): HTMLButtonElement[] {
    return [...box.querySelectorAll<HTMLButtonElement>('button.file:not([disabled])')];
}

/** Makes one entry the list's tab stop. */
function reachable(box: HTMLElement, index: number): HTMLButtonElement | undefined {
    const all = buttons(box);
    const target = all[Math.min(Math.max(0, index), all.length - 1)];
    for (const button of all) {
        button.tabIndex = button === target ? 0 : -1;
    }
    return target;
}

function move(event: KeyboardEvent): void {
    const box = event.currentTarget as HTMLElement;
    const all = buttons(box);
    const current = all.indexOf(document.activeElement as HTMLButtonElement);
    const moves: Record<string, number> = {
        ArrowDown: current + 1,
        ArrowUp: current - 1,
        Home: 0,
        End: all.length - 1,
    };
    const target = moves[event.key];
    if (target !== undefined) {
        event.preventDefault();
        reachable(box, target)?.focus();
    }
}
