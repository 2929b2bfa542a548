/** Early warnings: somebody on another stream or in another worktree changes a file that holds changes here. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { problemOf, sentence } from '../problem.js';
import { ago } from '../time.js';
import type { EarlyWarning } from '../wire.js';
import type { Rooms } from './rooms.js';
import { actorName } from './who.js';

/** Milliseconds from a change to the look that takes in whatever came meanwhile. */
const SOON = 3000;
/** Milliseconds after which one looks again: what others elsewhere do is not told of. */
const MINUTE = 60_000;

/** What is said of each file, in words. */
export function warningsByPath(
    warnings: readonly EarlyWarning[],
    language: string,
    now: number,
): Map<string, readonly string[]> {
    const found = new Map<string, string[]>();
    for (const { path, mine, actor, stream, edits, last } of warnings) {
        const who = actorName(actor);
        const when = ago(last / 1000, language, now / 1000);
        const others =
            edits === 1
                ? l10n.t('{0} changes this file on {1} (1 edit, {2}).', who, stream, when)
                : l10n.t('{0} changes this file on {1} ({2} edits, the last {3}).', who, stream, edits, when);
        const own =
            mine === 'unsaved'
                ? l10n.t('It holds unsaved text here: the two will have to be merged.')
                : l10n.t('It holds uncommitted changes here: the two will have to be merged.');
        const said = found.get(path) ?? [];
        said.push(`${others} ${own}`);
        found.set(path, said);
    }
    return found;
}

/** Shows them as information at the file's first line, and so in the list of problems. */
export class EarlyWarnings implements vscode.Disposable {
    private readonly shown = vscode.languages.createDiagnosticCollection('anvcs');
    private readonly subscriptions: vscode.Disposable[];
    private timer: NodeJS.Timeout | undefined;
    private asked = 0;

    constructor(
        private readonly rooms: Rooms,
        private readonly log: vscode.LogOutputChannel,
    ) {
        const minute = setInterval(() => vscode.window.state.focused && this.soon(), MINUTE);
        this.subscriptions = [
            this.shown,
            new vscode.Disposable(() => {
                clearInterval(minute);
                clearTimeout(this.timer);
            }),
            rooms.situation.onDidChange(() => this.soon()),
            vscode.workspace.onDidSaveTextDocument(() => this.soon()),
        ];
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private soon(): void {
        this.timer ??= setTimeout(() => {
            this.timer = undefined;
            void this.look();
        }, SOON);
    }

    private async look(): Promise<void> {
        const ticket = ++this.asked;
        const { folder, status } = this.rooms.situation;
        try {
            const on = folder !== undefined && status?.mode === 'local';
            const { warnings = [] } = on ? await this.rooms.server.execute('collab.status', { folder }) : {};
            if (ticket === this.asked) {
                this.show(folder ?? '/', warnings);
            }
        } catch (error) {
            this.log.warn(sentence(problemOf(error)));
        }
    }

    private show(folder: string, warnings: readonly EarlyWarning[]): void {
        this.shown.clear();
        const first = new vscode.Range(0, 0, 0, 0);
        for (const [path, messages] of warningsByPath(warnings, vscode.env.language, Date.now())) {
            const diagnostics = messages.map((message) => {
                const made = new vscode.Diagnostic(first, message, vscode.DiagnosticSeverity.Information);
                made.source = 'ANVCS';
                return made;
            });
            this.shown.set(vscode.Uri.file(join(folder, path)), diagnostics);
        }
    }
}
