/** What every webview panel of ours shares: its page, its rights, its typed channel. */
import * as vscode from 'vscode';
import type { CommitState, GraphState, OfferedCommand, ToHost, ToWebview } from '../messages.js';
import { problemOf } from '../problem.js';
import { html, newNonce } from './html.js';

const OFFERED: ReadonlySet<string> = new Set<OfferedCommand>([
    'anvcs.init',
    'anvcs.commit',
    'anvcs.server.setup',
    'anvcs.doctor',
    'anvcs.logs.show',
]);

/** Handles what a webview sends, beyond what every panel handles. */
export type Handler = (message: ToHost) => Promise<void> | void;

/** A panel with its page set. Call `listen` once the handler can answer. */
export class Panel {
    private ready = false;

    constructor(
        readonly panel: vscode.WebviewPanel,
        extension: vscode.Uri,
        name: 'graph' | 'commit',
        private readonly state: () => GraphState | CommitState,
        handle: Handler,
    ) {
        const folder = vscode.Uri.joinPath(extension, 'dist', 'webview');
        const { webview } = panel;
        webview.options = { enableScripts: true, localResourceRoots: [folder] };
        panel.iconPath = vscode.Uri.joinPath(extension, 'media', 'graph.svg');
        webview.onDidReceiveMessage((message: ToHost) => this.receive(message, handle));
        webview.html = html({
            title: panel.title,
            language: vscode.env.language,
            script: webview.asWebviewUri(vscode.Uri.joinPath(folder, `${name}.js`)).toString(),
            style: webview.asWebviewUri(vscode.Uri.joinPath(folder, `${name}.css`)).toString(),
            cspSource: webview.cspSource,
            nonce: newNonce(),
        });
    }

    /** Sends a message, unless the page is not there to read it: it asks for everything when it is back. */
    tell(message: ToWebview): void {
        if (this.ready) {
            void this.panel.webview.postMessage(message);
        }
    }

    private async receive(message: ToHost, handle: Handler): Promise<void> {
        switch (message.type) {
            case 'ready':
                this.ready = true;
                this.tell({
                    type: 'start',
                    language: vscode.env.language,
                    texts: texts(),
                    state: this.state(),
                });
                break;
            case 'copy':
                await vscode.env.clipboard.writeText(message.text);
                return;
            case 'run':
                if (OFFERED.has(message.command)) {
                    await vscode.commands.executeCommand(message.command);
                }
                return;
        }
        try {
            await handle(message);
        } catch (error) {
            this.tell({
                type: 'refused',
                ...(message.type === 'graph' && { id: message.id }),
                problem: problemOf(error),
            });
        }
    }
}

/** The translations into the display language; a value with a comment is an object in bundles made by tools. */
function texts(): Record<string, string> {
    return (vscode.l10n.bundle ?? {}) as Record<string, string>;
}
