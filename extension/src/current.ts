/** The repository that is meant now, with its status and streams: one look for all that shows them. */
import * as vscode from 'vscode';
import { problemOf, sentence } from './problem.js';
import type { RepositoryChooser } from './repositories.js';
import type { Server } from './server/server.js';
import type { RepositoryStatus, Stream } from './wire.js';

/** What is known of the repository that is meant; nothing where there is none or no server. */
export interface Situation {
    readonly folder?: string;
    readonly status?: RepositoryStatus;
    readonly streams: readonly Stream[];
}

/** Looks again after each state of the server, each move of the history, each change of repository. */
export class Current implements vscode.Disposable {
    private readonly changed = new vscode.EventEmitter<Situation>();
    private readonly subscriptions: vscode.Disposable[];
    private asked = 0;
    private shown: string | undefined;

    /** Fires after each look, whether or not it saw something new. */
    readonly onDidLook = this.changed.event;

    constructor(
        private readonly server: Server,
        private readonly chooser: RepositoryChooser,
        private readonly log: vscode.LogOutputChannel,
    ) {
        this.subscriptions = [
            server.onDidChangeState(() => void this.look()),
            server.onDidChangeHistory(() => void this.look()),
            vscode.window.onDidChangeActiveTextEditor(() => void this.follow()),
            this.changed,
        ];
    }

    /** Looks now; the answer goes to whoever listens. */
    async look(): Promise<void> {
        const ticket = ++this.asked;
        const folder = this.server.state.kind === 'ready' ? await this.chooser.guess() : undefined;
        this.shown = folder;
        const situation = folder === undefined ? { streams: [] } : await this.situation(folder);
        // Answers may overtake each other; only the last question's counts.
        if (ticket === this.asked) {
            this.changed.fire(situation);
        }
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private async follow(): Promise<void> {
        if ((await this.chooser.guess()) !== this.shown) {
            await this.look();
        }
    }

    private async situation(folder: string): Promise<Situation> {
        const failed = (error: unknown) => {
            this.log.warn(sentence(problemOf(error)));
            return undefined;
        };
        const status = await this.server.execute('status', { folder }).catch(failed);
        const listed = status && (await this.server.execute('stream.list', { folder }).catch(failed));
        return { folder, streams: listed?.streams ?? [], ...(status && { status }) };
    }
}
