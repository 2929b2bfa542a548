/** The views of the ANVCS side bar: operations, streams, checkpoints, each true as long as it is seen. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Current, Situation } from '../current.js';
import { problemOf, sentence } from '../problem.js';
import type { Server } from '../server/server.js';
import type { Operation } from '../wire.js';
import { facts, type Log, operationRows } from './operations.js';
import type { Fact, Row } from './row.js';
import { checkpointRows, streamRows } from './streams.js';
import { fading, Tree } from './tree.js';

/** Where the user stands in the log. */
type Next = Pick<Log, 'undo' | 'redo'>;

const PAGE = 50;
/** The most that the server gives at once. */
const MOST = 1000;
const MINUTE = 60_000;

/** The three views. */
export class HistoryViews implements vscode.Disposable {
    private readonly operations = new Tree('anvcs.operations', (row, token) => this.look(row, token));
    private readonly streams = new Tree('anvcs.streams');
    private readonly checkpoints = new Tree('anvcs.checkpoints');
    private readonly subscriptions: vscode.Disposable[];
    private situation: Situation = { streams: [] };
    private known = new Map<string, Operation>();
    private next: Next = {};
    private wanted = PAGE;
    private loads = 0;
    private foreign = 0;

    constructor(
        private readonly server: Server,
        private readonly current: Current,
        private readonly log: vscode.LogOutputChannel,
    ) {
        const { view } = this.operations;
        const minute = setInterval(() => view.visible && void this.load(), MINUTE);
        this.subscriptions = [
            this.operations,
            this.streams,
            this.checkpoints,
            current.onDidLook((situation) => this.show(situation)),
            server.onForeignChange(({ operations }) => this.count(operations.length)),
            view.onDidChangeVisibility(({ visible }) => visible && this.seen()),
            this.checkpoints.view.onDidChangeVisibility(({ visible }) => visible && void this.load()),
            vscode.window.registerFileDecorationProvider(fading),
            new vscode.Disposable(() => clearInterval(minute)),
        ];
    }

    /** Looks again at everything. */
    async refresh(): Promise<void> {
        await this.current.look();
    }

    /** Shows another page of operations. */
    async more(): Promise<void> {
        this.wanted = Math.min(MOST, this.wanted + PAGE);
        await this.load();
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private show(situation: Situation): void {
        if (situation.folder !== this.situation.folder) {
            this.wanted = PAGE;
        }
        this.situation = situation;
        const { folder, status, streams } = situation;
        const none = this.server.state.kind === 'ready' ? 'none' : 'unknown';
        const state = status ? (status.initialized ? 'ready' : 'uninitialized') : none;
        void vscode.commands.executeCommand('setContext', 'anvcs.repository', state);
        const divergent = status?.divergent ?? [];
        this.streams.set(folder ? streamRows(folder, streams, divergent) : []);
        const conflicted = streams.filter(({ conflicts = [] }) => conflicts.length > 0).length;
        const value = conflicted + divergent.length;
        this.streams.view.badge = value
            ? { value, tooltip: l10n.t('Streams and changes that need a decision: {0}', value) }
            : undefined;
        void this.load();
    }

    /** Fetches what the visible views show; hidden ones ask when they are seen. */
    private async load(): Promise<void> {
        const { folder, status } = this.situation;
        if (!folder || !status?.initialized) {
            this.operations.set([]);
            this.checkpoints.set([]);
            return;
        }
        const ticket = ++this.loads;
        const latest = () => ticket === this.loads;
        const { language } = vscode.env;
        try {
            if (this.checkpoints.view.visible) {
                const { checkpoints = [] } = await this.server.execute('checkpoint.list', { folder });
                if (latest()) {
                    this.checkpoints.set(checkpointRows(folder, checkpoints, language, Date.now()));
                }
            }
            if (this.operations.view.visible) {
                const { operations, more = false } = await this.server.execute('op.log', {
                    folder,
                    limit: this.wanted,
                });
                const page = { folder, operations, more: more && this.wanted < MOST, language, now: Date.now() };
                const show = (next: Next) => {
                    if (latest()) {
                        this.next = next;
                        this.known = new Map(operations.map((operation) => [operation.operationId, operation]));
                        this.operations.set(operationRows({ ...page, ...next }));
                    }
                };
                // What comes next is asked of the lane of writing verbs, where a commit's hooks may take their time.
                show(this.next);
                show(await this.ask(folder));
            }
        } catch (error) {
            this.log.warn(sentence(problemOf(error)));
        }
    }

    /** What undo and redo would do next, if anything. */
    private async ask(folder: string): Promise<Next> {
        const dryRun = { folder, dryRun: true };
        const undo = await this.server.execute('undo', dryRun).catch(() => undefined);
        const redo = await this.server.execute('redo', dryRun).catch(() => undefined);
        return {
            ...(undo?.target && { undo: undo.target.operationId }),
            ...(redo?.target && { redo: redo.target.operationId }),
        };
    }

    private async look(row: Row, token: vscode.CancellationToken): Promise<readonly Fact[] | undefined> {
        const operation = this.known.get(row.id);
        if (!operation || !row.folder) {
            return undefined;
        }
        const asked = { folder: row.folder, operation: operation.operationId };
        const details = await this.server.execute('op.show', asked, token).catch(() => undefined);
        return facts(details?.operation ?? operation, vscode.env.language, details);
    }

    /** What plain Git did while nobody was looking. */
    private count(operations: number): void {
        const { view } = this.operations;
        if (!view.visible) {
            this.foreign += operations;
            const tooltip = l10n.t('Operations of plain git since you looked: {0}', this.foreign);
            view.badge = { value: this.foreign, tooltip };
        }
    }

    private seen(): void {
        this.foreign = 0;
        this.operations.view.badge = undefined;
        void this.load();
    }
}
