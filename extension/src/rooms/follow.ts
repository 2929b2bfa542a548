/** Following one of the others: what they select is kept on the screen until the user goes elsewhere. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Participant } from '../wire.js';
import type { PresenceView, Whereabouts } from './presence.js';

/** Milliseconds in which the editor may still be scrolling because of us. */
const SETTLING = 600;

/** Who is followed. */
export interface Followed {
    readonly actor: string;
    readonly client: number;
    readonly name: string;
}

/** Where the one who is followed is: where they have a cursor, else any file they are in. */
export function find(everybody: readonly Whereabouts[], { actor, client }: Followed): Whereabouts | undefined {
    const mine = everybody.filter(({ participant }) => participant.actor === actor && participant.client === client);
    return mine.find(({ participant }) => (participant.selections ?? []).length > 0) ?? mine[0];
}

/** The line at which somebody is. */
export function lineOf({ selections = [] }: Participant): number | undefined {
    return selections[0]?.active.line;
}

/** Whether a scroll that shows these lines goes away from the line that is followed. */
export function leaves(visible: readonly { readonly start: number; readonly end: number }[], line: number): boolean {
    return visible.length > 0 && !visible.some(({ start, end }) => start <= line && line <= end);
}

/** Follows at most one. */
export class Follower implements vscode.Disposable {
    private readonly item = vscode.window.createStatusBarItem('anvcs.following', vscode.StatusBarAlignment.Left, -1);
    private readonly subscriptions: vscode.Disposable[];
    private followed: Followed | undefined;
    private revealed = 0;
    private shown: { readonly uri: string; readonly line: number } | undefined;

    constructor(private readonly presence: PresenceView) {
        this.item.name = 'ANVCS';
        this.item.command = 'anvcs.rooms.unfollow';
        this.subscriptions = [
            this.item,
            presence.onDidMove(() => void this.show()),
            vscode.window.onDidChangeTextEditorSelection(({ kind }) => {
                // Keys and clicks; our own showing of a place is a command.
                if (kind && kind !== vscode.TextEditorSelectionChangeKind.Command) {
                    this.stop();
                }
            }),
            vscode.window.onDidChangeTextEditorVisibleRanges((event) => this.scrolled(event)),
        ];
    }

    /** Whoever is followed. */
    get current(): Followed | undefined {
        return this.followed;
    }

    /** Follows somebody. */
    async start(followed: Followed): Promise<void> {
        this.followed = followed;
        this.shown = undefined;
        this.item.text = `$(eye) ${followed.name}`;
        this.item.tooltip = l10n.t(
            'You follow {0}. Select to stop; typing or scrolling away stops too.',
            followed.name,
        );
        this.item.show();
        await this.show();
    }

    /** Follows nobody. */
    stop(): void {
        this.followed = undefined;
        this.item.hide();
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private async show(): Promise<void> {
        const { followed } = this;
        const found = followed && find(this.presence.everybody(), followed);
        if (!found) {
            return;
        }
        const line = lineOf(found.participant) ?? 0;
        const uri = found.uri.toString();
        if (this.shown?.uri === uri && this.shown.line === line) {
            return;
        }
        this.shown = { uri, line };
        this.revealed = Date.now();
        const visible = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri);
        const options = { preserveFocus: true, preview: true };
        const editor = visible ?? (await vscode.window.showTextDocument(found.uri, options));
        if (this.followed === followed) {
            const place = new vscode.Range(line, 0, line, 0);
            editor.revealRange(place, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
        }
    }

    private scrolled({ textEditor, visibleRanges }: vscode.TextEditorVisibleRangesChangeEvent): void {
        const { shown } = this;
        if (!this.followed || !shown || textEditor.document.uri.toString() !== shown.uri) {
            return;
        }
        const ranges = visibleRanges.map(({ start, end }) => ({ start: start.line, end: end.line }));
        if (Date.now() - this.revealed > SETTLING && leaves(ranges, shown.line)) {
            this.stop();
        }
    }
}
