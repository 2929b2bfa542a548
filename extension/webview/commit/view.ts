/** One commit's page: what it did, why, how sure we are, and its files. */
import type { CommitState, ToHost } from '../../src/messages.js';
import type { CommitDetails, Metadata, Problem } from '../../src/wire.js';
import { type Child, h } from '../dom.js';
import { t } from '../l10n.js';
import { notice, problemNotice } from '../notice.js';
import { absolute, relative } from '../time.js';
import { fileList } from './files.js';

/** What the view needs of the page around it. */
export interface Outside {
    post(message: ToHost): void;
    save(state: CommitState): void;
}

/** The view of a commit. */
export class CommitView {
    constructor(
        private readonly root: HTMLElement,
        private readonly outside: Outside,
        private readonly start: CommitState,
    ) {
        root.replaceChildren(notice('loading', t('Loading the commit…')));
    }

    /** Shows a commit. */
    show(details: CommitDetails): void {
        this.outside.save({ folder: this.start.folder, commit: details.gitCommit });
        document.title = t('Commit {0}', details.gitCommit.slice(0, 7));
        this.root.replaceChildren(page(details, this.outside));
        this.root.querySelector<HTMLElement>('h1')?.focus();
    }

    /** Shows why there is no commit to show. */
    failed(problem: Problem): void {
        const retry = () => this.outside.post({ type: 'retry' });
        this.root.replaceChildren(
            problemNotice(problem, retry, (command) => this.outside.post({ type: 'run', command })),
        );
    }
}

function page(details: CommitDetails, outside: Outside): HTMLElement {
    const { subject } = details;
    const body = bodyOf(details);
    return h(
        'article',
        { class: 'commit', 'data-commit': details.gitCommit },
        h('h1', { tabindex: -1 }, subject || t('(no message)')),
        byline(details),
        body && h('pre', { class: 'body' }, body),
        why(details),
        fileList(details, outside),
        ids(details, outside),
    );
}

/** The message below its subject, without the trailers whose content is shown under Why and Ids. */
function bodyOf({ subject, message }: CommitDetails): string {
    const body = message.slice(message.indexOf(subject) + subject.length);
    return body.replaceAll(/^ANVCS-(Change|Meta): .*$/gm, '').trim();
}

function byline(details: CommitDetails): HTMLElement {
    const { author, committer, agent, refs = [], signature, signer, hooksSkipped, divergent = [] } = details;
    const doubt = details.signed && signature !== 'known' ? ' doubtful' : '';
    const others = committer.name === author.name && committer.email === author.email ? [] : [committer];
    return h(
        'p',
        { class: 'byline' },
        h('span', { class: 'author', title: author.email }, author.name),
        agent !== undefined && h('span', { class: 'agent' }, agent),
        h('time', { title: absolute(author) }, relative(author.time)),
        ...others.map(({ name }) => h('span', {}, t('committed by {0}', name))),
        ...refs.map((ref) => h('span', { class: 'ref' }, ref)),
        details.signed &&
            h('span', { class: `mark signed${doubt}`, title: signer ?? '' }, explainSignature(signature ?? 'none')),
        divergent.length > 0 &&
            h(
                'span',
                { class: 'mark divergent', title: divergent.join(' ') },
                t('another commit of this change lives'),
            ),
        hooksSkipped && h('span', { class: 'mark' }, t('hooks skipped')),
    );
}

/** Whether a signature can be relied on, in words. */
export function explainSignature(signature: NonNullable<CommitDetails['signature']>): string {
    switch (signature) {
        case 'known':
            return t('signed');
        case 'revoked':
            return t('signed with a revoked key');
        case 'bad':
            return t('signature is false');
        default:
            return t('signed with an unknown key');
    }
}

type State = NonNullable<CommitDetails['metadataState']>;

/** A state of verification in words. */
export function explain(state: State): string {
    switch (state) {
        case 'none':
            return t('Made without ANVCS: nothing is recorded about why.');
        case 'full':
            return t('Verified: the record is the one that the commit names.');
        case 'missing':
            return t('The commit names a record that is not in this clone.');
        case 'inherited':
            return t('Inherited: recorded for the commit that this one was rewritten from.');
        case 'mismatch':
            return t('Not verified: the record here is not the one that the commit names. Do not rely on it.');
    }
}

const SIGNS: Record<State, string> = { none: '○', full: '◆', missing: '◇', inherited: '◈', mismatch: '✗' };

function why(details: CommitDetails): HTMLElement {
    const state = details.metadataState ?? 'none';
    const { metadata, redacted = [] } = details;
    return h(
        'section',
        { class: 'why', 'aria-labelledby': 'why' },
        h('h2', { id: 'why' }, t('Why')),
        h(
            'p',
            { class: `verification ${state}`, 'data-state': state },
            h('span', { class: `badge metadata ${state}`, 'aria-hidden': 'true' }, SIGNS[state]),
            ' ',
            explain(state),
        ),
        metadata && facts(metadata),
        redacted.length > 0 &&
            h('p', { class: 'redacted' }, t('Likely secrets were replaced in: {0}.', redacted.join(', '))),
    );
}

function facts(metadata: Metadata): HTMLElement {
    const {
        prompt,
        model,
        agentId,
        testsPassed,
        testReportRef,
        coverage,
        env = {},
        extra = {},
        artifacts = [],
    } = metadata;
    const verdict = testsPassed === undefined ? undefined : testsPassed ? t('passed') : t('failed');
    const tests = [verdict, testReportRef].filter(Boolean).join(' · ');
    const table = (values: Readonly<Record<string, unknown>>) =>
        Object.keys(values).length > 0 &&
        list(
            Object.entries(values).map(([name, value]) => [
                name,
                typeof value === 'string' ? value : JSON.stringify(value),
            ]),
        );
    return list([
        [t('Prompt'), prompt !== undefined && h('pre', { class: 'prompt' }, prompt), 'prompt'],
        [t('Model'), model, 'model'],
        [t('Agent'), agentId, 'agent-id'],
        [t('Tests'), tests, 'tests'],
        [t('Coverage'), coverage !== undefined && `${coverage} %`, 'coverage'],
        [t('Environment'), table(env), 'env'],
        [t('Artifacts'), artifacts.length > 0 && h('pre', {}, JSON.stringify(artifacts, null, 2)), 'artifacts'],
        [t('Further fields'), table(extra), 'extra'],
    ]);
}

function list(entries: readonly (readonly [string, Child, string?])[]): HTMLElement {
    const present = entries.filter(([, value]) => value);
    return h(
        'dl',
        {},
        ...present.flatMap(([name, value, field]) => [h('dt', {}, name), h('dd', { 'data-field': field }, value)]),
    );
}

function ids(details: CommitDetails, outside: Outside): HTMLElement {
    const id = (value: string | undefined) =>
        value !== undefined &&
        h(
            'span',
            { class: 'id' },
            h('code', {}, value),
            h(
                'button',
                {
                    class: 'copy',
                    'aria-label': t('Copy {0}', value),
                    onclick: () => outside.post({ type: 'copy', text: value }),
                },
                t('Copy'),
            ),
        );
    const show = (commit: string) => () => outside.post({ type: 'show', commit });
    const parents = (details.parents ?? []).map((parent) =>
        h('button', { class: 'parent', 'data-commit': parent, onclick: show(parent) }, parent.slice(0, 12)),
    );
    return h(
        'section',
        { class: 'ids', 'aria-labelledby': 'ids' },
        h('h2', { id: 'ids' }, t('Ids')),
        list([
            [t('Git commit'), id(details.gitCommit), 'git-commit'],
            [t('Commit'), id(details.commitId), 'commit-id'],
            [t('Change'), id(details.changeId), 'change-id'],
            [t('Operation'), id(details.operationId), 'operation-id'],
            [t('Tree'), id(details.tree), 'tree'],
            [t('Parents'), parents.length > 0 && h('span', { class: 'parents' }, ...parents), 'parents'],
            [t('Author'), `${details.author.name} <${details.author.email}>, ${absolute(details.author)}`, 'author'],
            [
                t('Committer'),
                `${details.committer.name} <${details.committer.email}>, ${absolute(details.committer)}`,
                'committer',
            ],
        ]),
    );
}
