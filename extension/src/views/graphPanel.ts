/** The graph, one panel for each repository. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { GraphState, ToHost } from '../messages.js';
import type { Server } from '../server/server.js';
import { GraphRequest, type HistoryChanged } from '../wire.js';
import { Panel } from './panel.js';

/** The panel's type, for its serializer and its menus. */
export const GRAPH_VIEW = 'anvcs.graph';

/** Opens graphs and brings them back after a reload. */
export class GraphPanels implements vscode.WebviewPanelSerializer<GraphState>, vscode.Disposable {
    private readonly open = new Map<string, Panel>();
    private readonly subscriptions: vscode.Disposable[];

    constructor(
        private readonly extension: vscode.Uri,
        private readonly server: Server,
    ) {
        this.subscriptions = [
            vscode.window.registerWebviewPanelSerializer(GRAPH_VIEW, this),
            server.onDidChangeHistory((change) => this.changed(change)),
        ];
    }

    /** Shows a repository's graph. */
    show(folder: string): void {
        const known = this.open.get(folder);
        if (known) {
            known.panel.reveal();
            return;
        }
        const title = l10n.t('Graph: {0}', basename(folder));
        const panel = vscode.window.createWebviewPanel(GRAPH_VIEW, title, vscode.ViewColumn.Active);
        this.adopt(panel, { folder, filter: '' });
    }

    async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: GraphState | undefined): Promise<void> {
        if (state && !this.open.has(state.folder)) {
            this.adopt(panel, state);
        } else {
            panel.dispose();
        }
    }

    dispose(): void {
        for (const { panel } of this.open.values()) {
            panel.dispose();
        }
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private adopt(panel: vscode.WebviewPanel, state: GraphState): void {
        const { folder } = state;
        const asking = new vscode.CancellationTokenSource();
        const view = new Panel(
            panel,
            this.extension,
            'graph',
            () => state,
            async (message: ToHost) => {
                if (message.type === 'graph') {
                    const params = { ...message.params, folder };
                    const page = await this.server.request(GraphRequest, params, asking.token);
                    view.tell({ type: 'page', id: message.id, page });
                } else if (message.type === 'show') {
                    await vscode.commands.executeCommand('anvcs.commit.show', { folder, commit: message.commit });
                }
            },
        );
        this.open.set(folder, view);
        panel.onDidDispose(() => {
            asking.cancel();
            this.open.delete(folder);
        });
    }

    private changed(change: HistoryChanged): void {
        // Any folder of a repository can have opened its graph, so a graph may refresh once too often, never once too few.
        for (const view of this.open.values()) {
            view.tell({ type: 'changed', change });
        }
    }
}
