/** Who wrote what, as colours behind the text and in the overview ruler; off until the user wants it. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { problemOf, sentence } from '../problem.js';
import type { Server } from '../server/server.js';
import { ago } from '../time.js';
import { type AttributedRange, RoomsAttributionRequest } from '../wire.js';
import { type Binding, rangeOf } from './binding.js';
import { type ActorColours, COLOURS, faint, strong } from './colours.js';
import type { RoomDocuments } from './documents.js';

/** Milliseconds of quiet after which the colours are asked for anew. */
const QUIET = 300;

/** The runs that are coloured, by colour: those that somebody is known to have written. */
export function coloured(ranges: readonly AttributedRange[], colourOf: (actor: string) => number): AttributedRange[][] {
    const groups: AttributedRange[][] = Array.from({ length: COLOURS }, () => []);
    for (const range of ranges) {
        if (range.actor !== undefined && range.how !== 'base') {
            groups[colourOf(range.actor)]?.push(range);
        }
    }
    return groups;
}

/** What the mouse shows on a run. */
export function describe({ actor = '', how, time, task }: AttributedRange, language: string, now: number): string {
    const known = {
        live: l10n.t('seen as it was typed'),
        reported: l10n.t('reported by the agent'),
        inferred: l10n.t('inferred from a change of the file'),
        base: l10n.t('from before'),
    }[how ?? 'live'];
    return [actor, task, time ? ago(time / 1000, language, now / 1000) : undefined, known].filter(Boolean).join(' · ');
}

/** Colours the visible editors while it is on. */
export class Heatmap implements vscode.Disposable {
    private readonly types = Array.from({ length: COLOURS }, (_, colour) =>
        vscode.window.createTextEditorDecorationType({
            backgroundColor: faint(colour),
            overviewRulerColor: strong(colour),
            overviewRulerLane: vscode.OverviewRulerLane.Left,
            rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        }),
    );
    private readonly subscriptions: vscode.Disposable[];
    private timer: NodeJS.Timeout | undefined;
    private on = false;

    constructor(
        private readonly server: Server,
        private readonly binding: Binding,
        private readonly documents: RoomDocuments,
        private readonly colours: ActorColours,
        private readonly log: vscode.LogOutputChannel,
    ) {
        this.subscriptions = [
            ...this.types,
            vscode.window.onDidChangeVisibleTextEditors(() => this.soon(0)),
            vscode.workspace.onDidChangeTextDocument(({ contentChanges }) => contentChanges.length && this.soon(QUIET)),
            documents.onDidChange(() => this.soon(QUIET)),
            new vscode.Disposable(() => clearTimeout(this.timer)),
        ];
    }

    /** Switches it on or off; gives which. */
    toggle(): boolean {
        this.on = !this.on;
        void vscode.commands.executeCommand('setContext', 'anvcs.heatmap', this.on);
        if (this.on) {
            this.soon(0);
        } else {
            for (const editor of vscode.window.visibleTextEditors) {
                this.paint(editor, []);
            }
        }
        return this.on;
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private soon(delay: number): void {
        if (this.on) {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => void this.refresh(), delay);
        }
    }

    private async refresh(): Promise<void> {
        await Promise.all(vscode.window.visibleTextEditors.map((editor) => this.look(editor)));
    }

    private async look(editor: vscode.TextEditor): Promise<void> {
        const { document } = editor;
        const { uri } = document;
        if (!this.documents.isInside(uri)) {
            this.paint(editor, []);
            return;
        }
        const ask = () => this.server.request(RoomsAttributionRequest, { uri: uri.toString() });
        try {
            const { version, ranges = [] } = await this.binding.after(uri, ask);
            // Another change has already asked again.
            if (this.on && version === document.version) {
                this.paint(editor, ranges);
            }
        } catch (error) {
            this.log.warn(sentence(problemOf(error)));
        }
    }

    private paint(editor: vscode.TextEditor, ranges: readonly AttributedRange[]): void {
        const now = Date.now();
        coloured(ranges, (actor) => this.colours.of(actor)).forEach((group, colour) => {
            const type = this.types[colour];
            if (type) {
                editor.setDecorations(
                    type,
                    group.map((run) => ({
                        range: rangeOf(run.range),
                        hoverMessage: new vscode.MarkdownString().appendText(describe(run, vscode.env.language, now)),
                    })),
                );
            }
        });
    }
}
