/** The status bar item: what ANVCS is doing here, and on which stream. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { presentRooms, type RoomsSummary } from './rooms/situation.js';
import { sourceName } from './server/discover.js';
import type { ServerState } from './server/server.js';
import type { RepositoryStatus } from './wire.js';

/** What the item shows. */
export interface Presentation {
    readonly text: string;
    readonly tooltip: readonly string[];
    readonly command: string;
    readonly warning: boolean;
}

/** What the item shows for a state of the server and of the repository; nothing where there is no repository. */
export function present(
    state: ServerState,
    status: RepositoryStatus | undefined,
    rooms?: RoomsSummary,
): Presentation | undefined {
    const plain = (text: string, command: string, ...tooltip: string[]) => ({ text, tooltip, command, warning: false });
    switch (state.kind) {
        case 'untrusted':
            return plain(
                `$(shield) ${l10n.t('ANVCS: restricted')}`,
                'workbench.trust.manage',
                l10n.t('ANVCS does not run in an untrusted workspace.'),
            );
        case 'idle':
            return undefined;
        case 'starting':
            return plain(
                `$(loading~spin) ${l10n.t('ANVCS: starting')}`,
                'anvcs.logs.show',
                l10n.t('The server is starting.'),
            );
        case 'missing':
            return {
                ...plain(`$(warning) ${l10n.t('ANVCS: not set up')}`, 'anvcs.server.setup'),
                tooltip: [
                    l10n.t('The ANVCS server was not found.'),
                    ...state.discovery.attempts.map(
                        ({ source, where, outcome }) => `- ${sourceName(source)} ${where}: ${outcome}`,
                    ),
                ],
                warning: true,
            };
        case 'stopped':
            return {
                ...plain(`$(error) ${l10n.t('ANVCS: stopped')}`, 'anvcs.server.restart', state.reason),
                warning: true,
            };
        case 'ready':
            return status && presentReady(state, status, rooms);
    }
}

function presentReady(
    state: ServerState & { kind: 'ready' },
    status: RepositoryStatus,
    rooms?: RoomsSummary,
): Presentation {
    const server = l10n.t('anvcs {0} from {1}', state.version, sourceName(state.launch.source));
    if (!status.initialized) {
        return {
            text: `$(circle-slash) ${l10n.t('ANVCS: not initialized')}`,
            tooltip: [status.root, l10n.t('Select to initialize ANVCS in this repository.'), server],
            command: 'anvcs.init',
            warning: false,
        };
    }
    const stream = status.stream ?? l10n.t('detached');
    const { icon, lines } = rooms ? presentRooms(rooms) : { icon: '', lines: [] };
    return {
        text: [`$(git-commit) ANVCS: ${stream}`, icon].filter(Boolean).join(' '),
        tooltip: [status.root, ...lines, ...(status.notices ?? []), server],
        command: 'anvcs.graph.show',
        warning: (status.notices ?? []).length > 0,
    };
}

/** Commands that the tooltip links to. */
const LINKS = ['anvcs.doctor', 'anvcs.server.restart', 'anvcs.logs.show'] as const;

/** The item itself. */
export class StatusItem implements vscode.Disposable {
    private readonly item = vscode.window.createStatusBarItem('anvcs.status', vscode.StatusBarAlignment.Left, 0);

    constructor() {
        this.item.name = 'ANVCS';
    }

    /** Shows a state. */
    show(state: ServerState, status: RepositoryStatus | undefined, rooms?: RoomsSummary): void {
        const shown = present(state, status, rooms);
        if (!shown) {
            this.item.hide();
            return;
        }
        this.item.text = shown.text;
        this.item.command = shown.command;
        this.item.tooltip = tooltip(shown.tooltip);
        this.item.backgroundColor = shown.warning
            ? new vscode.ThemeColor('statusBarItem.warningBackground')
            : undefined;
        this.item.show();
    }

    dispose(): void {
        this.item.dispose();
    }
}

function tooltip(lines: readonly string[]): vscode.MarkdownString {
    const text = new vscode.MarkdownString('', true);
    text.isTrusted = { enabledCommands: [...LINKS] };
    for (const line of lines) {
        text.appendText(line).appendMarkdown('\n\n');
    }
    const labels = [l10n.t('Doctor'), l10n.t('Restart Server'), l10n.t('Show Logs')];
    return text.appendMarkdown(LINKS.map((command, index) => `[${labels[index]}](command:${command})`).join(' · '));
}
