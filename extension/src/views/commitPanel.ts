/** One commit with everything known about it; choosing another reuses the panel. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { comparison, shortId } from '../documents.js';
import type { CommitState, ToHost } from '../messages.js';
import type { Server } from '../server/server.js';
import { ShowRequest } from '../wire.js';
import { Panel } from './panel.js';

/** The panel's type, for its serializer and its menus. */
export const COMMIT_VIEW = 'anvcs.commit';

/** The commit panel, and its return after a reload. */
export class CommitPanel implements vscode.WebviewPanelSerializer<CommitState>, vscode.Disposable {
    private view: Panel | undefined;
    private state: CommitState = { folder: '', commit: '' };
    private readonly registration = vscode.window.registerWebviewPanelSerializer(COMMIT_VIEW, this);

    constructor(
        private readonly extension: vscode.Uri,
        private readonly server: Server,
    ) {}

    /** Shows a commit of a repository. */
    async show(state: CommitState): Promise<void> {
        this.state = state;
        if (this.view) {
            this.view.panel.reveal();
            await this.fill();
        } else {
            const title = l10n.t('Commit {0}', shortId(state.commit));
            this.adopt(vscode.window.createWebviewPanel(COMMIT_VIEW, title, vscode.ViewColumn.Active));
        }
    }

    async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: CommitState | undefined): Promise<void> {
        if (state && !this.view) {
            this.state = state;
            this.adopt(panel);
        } else {
            panel.dispose();
        }
    }

    dispose(): void {
        this.view?.panel.dispose();
        this.registration.dispose();
    }

    private adopt(panel: vscode.WebviewPanel): void {
        this.view = new Panel(
            panel,
            this.extension,
            'commit',
            () => this.state,
            (message) => this.receive(message),
        );
        panel.onDidDispose(() => {
            this.view = undefined;
        });
    }

    private async receive(message: ToHost): Promise<void> {
        switch (message.type) {
            case 'ready':
            case 'retry':
                await this.fill();
                break;
            case 'show':
                await this.show({ ...this.state, commit: message.commit });
                break;
            case 'compare': {
                const { commit, parent, change } = message;
                const first = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
                const folder = this.state.folder === first ? undefined : this.state.folder;
                const { left, right, title } = comparison(change, {
                    commit,
                    ...(parent !== undefined && { parent }),
                    ...(folder !== undefined && { folder }),
                });
                await vscode.commands.executeCommand('vscode.diff', left, right, title, { preview: true });
                break;
            }
        }
    }

    private async fill(): Promise<void> {
        const asked = this.state;
        const details = await this.server.request(ShowRequest, asked);
        if (this.view && this.state === asked) {
            this.state = { ...asked, commit: details.gitCommit };
            this.view.panel.title = l10n.t('Commit {0}', shortId(details.gitCommit));
            this.view.tell({ type: 'commit', details });
        }
    }
}
