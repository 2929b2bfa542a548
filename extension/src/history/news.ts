/** What happened without the user: told once, as it happens, with what can be done about it. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Current, Situation } from '../current.js';
import type { Server } from '../server/server.js';
import type { ForeignChanged } from '../wire.js';
import type { Target } from './row.js';
import { describeConflict, describeDivergence } from './texts.js';

/** A way out, as a button. */
export interface Offer {
    readonly label: string;
    readonly command: string;
    readonly target: Target;
}

/** Something to tell; the key says whether it was told already. */
export interface News {
    readonly key: string;
    readonly message: string;
    readonly offers: readonly Offer[];
}

/** Streams and changes that need a decision. */
export function decisions({ folder, status, streams }: Situation): News[] {
    if (folder === undefined) {
        return [];
    }
    const show = { label: l10n.t('Show Streams'), command: 'anvcs.streams.focus', target: { folder } };
    const conflicts = streams.flatMap(({ name, conflicts = [] }) =>
        conflicts.map((conflict): News => {
            const target = { folder, stream: name, replica: conflict.replica };
            const theirs = { label: l10n.t('Keep Theirs'), command: 'anvcs.stream.keepTheirs', target };
            return {
                key: `conflict ${folder} ${name} ${conflict.replica} ${conflict.ours} ${conflict.theirs}`,
                message: describeConflict(conflict),
                offers: [
                    { label: l10n.t('Keep Ours'), command: 'anvcs.stream.keepOurs', target },
                    ...(conflict.fetched ? [theirs] : []),
                    show,
                ],
            };
        }),
    );
    const divergent = (status?.divergent ?? []).map(
        (divergence): News => ({
            key: `divergent ${folder} ${divergence.changeId} ${divergence.commits.join(' ')}`,
            message: describeDivergence(divergence),
            offers: [show, { label: l10n.t('Show Graph'), command: 'anvcs.graph.show', target: { folder } }],
        }),
    );
    return [...conflicts, ...divergent];
}

/** Kinds of plain Git's that take commits out of a stream: worth more than a glance. */
const REWRITING: ReadonlySet<string> = new Set(['git-amend', 'git-rebase', 'git-reset', 'git-other']);

/** What to say of what plain Git did, and whether to insist on it. */
export function foreignNews({
    root,
    operations,
}: ForeignChanged): { readonly news: News; readonly loud: boolean } | undefined {
    const last = operations.at(-1);
    const rewriting = operations.filter(({ kind }) => REWRITING.has(kind)).at(-1);
    const shown = rewriting ?? last;
    if (!last || !shown) {
        return undefined;
    }
    const all = operations.length;
    const message = all > 1 ? l10n.t('{0} (with it, operations in all: {1})', shown.sentence, all) : shown.sentence;
    const show = { label: l10n.t('Show Operations'), command: 'anvcs.operations.focus', target: { folder: root } };
    const news = { key: `foreign ${last.operationId}`, message, offers: [show] };
    return { news, loud: rewriting !== undefined };
}

const TOLD = 'news.told';
const REMEMBERED = 200;
const GLANCE = 10_000;

/** Tells what is new, and remembers it across restarts of the window. */
export class Messenger {
    private readonly subscriptions: vscode.Disposable[];

    constructor(
        server: Server,
        current: Current,
        private readonly memory: vscode.Memento,
    ) {
        this.subscriptions = [
            current.onDidLook((situation) => {
                for (const news of decisions(situation)) {
                    void this.tell(news, vscode.window.showWarningMessage);
                }
            }),
            server.onForeignChange((change) => {
                const told = foreignNews(change);
                if (told?.loud) {
                    void this.tell(told.news, vscode.window.showInformationMessage);
                } else if (told) {
                    vscode.window.setStatusBarMessage(`$(git-commit) ${told.news.message}`, GLANCE);
                }
            }),
        ];
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private async tell(
        { key, message, offers }: News,
        show: (message: string, ...labels: string[]) => Thenable<string | undefined>,
    ): Promise<void> {
        const told = this.memory.get<readonly string[]>(TOLD, []);
        if (told.includes(key)) {
            return;
        }
        await this.memory.update(TOLD, [...told, key].slice(-REMEMBERED));
        const chosen = await show(message, ...offers.map(({ label }) => label));
        const offer = offers.find(({ label }) => label === chosen);
        if (offer) {
            await vscode.commands.executeCommand(offer.command, offer.target);
        }
    }
}
