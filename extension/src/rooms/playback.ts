/** Playing back a room: a read-only document that shows a file as it was after each edit, and who made that. */
import { basename, dirname, join } from 'node:path/posix';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { localProblem } from '../problem.js';
import type { Server } from '../server/server.js';
import { shortAgo } from '../time.js';
import type { CollabPlayback, NotKept, PlaybackFrame } from '../wire.js';
import { nameOf } from './changes.js';

/** Scheme of the documents. */
export const SCHEME = 'anvcs-playback';
/** Steps that are shown of a long history: the newest. */
const MOST = 2000;

/** The steps of a file, with where one stands in them: 0 is the text before the first. */
export class Steps {
    constructor(
        /** The edit whose text stands before the first step. */
        readonly start: number,
        readonly frames: readonly PlaybackFrame[],
        readonly notKept: readonly NotKept[] = [],
        public index: number = frames.length,
    ) {}

    /** The edit whose text is shown. */
    get sequence(): number {
        return this.frames[this.index - 1]?.sequence ?? this.start;
    }

    /** The step that led here; nothing before the first. */
    get frame(): PlaybackFrame | undefined {
        return this.frames[this.index - 1];
    }

    /** Goes to a step, or as far as there are any. */
    go(index: number): void {
        this.index = Math.max(0, Math.min(this.frames.length, index));
    }
}

/** Where one stands, and who wrote the step: `41/120 · foo · 2 min. ago`. */
export function describeStep(steps: Steps, language: string, now: number): string {
    const { frame, index, frames } = steps;
    const place = `${index}/${frames.length}`;
    if (frame === undefined) {
        return [place, beginning(steps)].join(' · ');
    }
    const { actor, how, task, time } = frame;
    const doubt = how === 'inferred' ? l10n.t('inferred') : how === 'base' ? l10n.t('from a commit') : '';
    return [place, nameOf(actor), task, doubt, shortAgo(time / 1000, language, now / 1000)].filter(Boolean).join(' · ');
}

function beginning({ notKept }: Steps): string {
    const [gone] = notKept;
    return gone ? l10n.t('edits {0} to {1} are not kept', gone.first, gone.last) : l10n.t('before the first edit');
}

/** One line on what a step changed. */
export function summary({ edits = [] }: PlaybackFrame): string {
    const [edit] = edits;
    if (edit === undefined) {
        return '';
    }
    const { line, deleted = '', inserted = '' } = edit;
    const parts = [deleted && `−${shortened(deleted)}`, inserted && `+${shortened(inserted)}`].filter(Boolean);
    return [l10n.t('line {0}', line), ...parts, ...(edits.length > 1 ? ['…'] : [])].join('  ');
}

function shortened(text: string): string {
    const line = text.replaceAll('\n', '⏎').replaceAll('\t', ' ');
    return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}

/** A step that can be chosen. */
export interface StepItem extends vscode.QuickPickItem {
    readonly index: number;
}

/** The steps to choose from, the newest first. */
export function stepItems(steps: Steps, language: string, now: number): StepItem[] {
    const items = steps.frames.map((frame, place) => ({
        label: `#${frame.sequence} ${nameOf(frame.actor)}`,
        description: [frame.task, shortAgo(frame.time / 1000, language, now / 1000)].filter(Boolean).join(' · '),
        detail: summary(frame),
        index: place + 1,
    }));
    return [...items.reverse(), { label: `#${steps.start}`, description: beginning(steps), index: 0 }];
}

/** The lines of the text after a step that the step wrote, each from 0. */
export function touchedLines({ edits = [] }: PlaybackFrame): number[] {
    let shift = 0;
    const found: number[] = [];
    for (const { line, deleted = '', inserted = '' } of edits) {
        const added = newlines(inserted);
        const last = inserted.endsWith('\n') ? Math.max(0, added - 1) : added;
        for (let each = 0; each <= last; each += 1) {
            found.push(line - 1 + shift + each);
        }
        shift += added - newlines(deleted);
    }
    return found;
}

const newlines = (text: string) => text.split('\n').length - 1;

interface Playing {
    readonly file: vscode.Uri;
    readonly steps: Steps;
}

/** The documents of this window that play a room back. */
export class Playback implements vscode.TextDocumentContentProvider, vscode.Disposable {
    private readonly playing = new Map<string, Playing>();
    private readonly changed = new vscode.EventEmitter<vscode.Uri>();
    private readonly item = vscode.window.createStatusBarItem('anvcs.playback', vscode.StatusBarAlignment.Left, 90);
    private readonly mark = vscode.window.createTextEditorDecorationType({
        isWholeLine: true,
        backgroundColor: new vscode.ThemeColor('diffEditor.insertedLineBackground'),
        overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.addedForeground'),
    });
    private readonly subscriptions: vscode.Disposable[];
    readonly onDidChange = this.changed.event;

    constructor(private readonly server: Server) {
        this.item.name = l10n.t('ANVCS Playback');
        this.item.command = 'anvcs.playback.choose';
        this.subscriptions = [
            vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
            vscode.window.onDidChangeActiveTextEditor(() => this.tell()),
            vscode.workspace.onDidChangeTextDocument(({ document }) => document.uri.scheme === SCHEME && this.tell()),
            vscode.workspace.onDidCloseTextDocument(({ uri }) => this.playing.delete(uri.toString())),
            this.item,
            this.mark,
            this.changed,
        ];
    }

    /** The text of the step that is shown. */
    async provideTextDocumentContent(uri: vscode.Uri, token?: vscode.CancellationToken): Promise<string> {
        const playing = this.playing.get(uri.toString()) ?? (await this.load(uri));
        const { text } = await this.ask(playing.file, { at: String(playing.steps.sequence) }, token);
        return text;
    }

    /** Opens the playback of a file at its newest step. */
    async start(file: vscode.Uri): Promise<vscode.Uri> {
        const name = l10n.t('Playback of {0}', basename(file.path));
        const uri = file.with({ scheme: SCHEME, path: join(dirname(file.path), name), query: file.path });
        await this.load(uri);
        this.changed.fire(uri);
        const document = await vscode.workspace.openTextDocument(uri);
        await vscode.window.showTextDocument(document, { preview: false });
        this.tell();
        return uri;
    }

    /** Shows a step: so many further or back. */
    move(by: number): void {
        const { uri, steps } = this.current();
        this.go(uri, steps, steps.index + by);
    }

    /** Lets the user go through all steps: each is shown as soon as it is reached. */
    choose(): void {
        const { uri, steps } = this.current();
        const before = steps.index;
        const pick = vscode.window.createQuickPick<StepItem>();
        pick.items = stepItems(steps, vscode.env.language, Date.now());
        pick.activeItems = pick.items.filter(({ index }) => index === before);
        pick.placeholder = l10n.t('Go through the steps with the arrow keys');
        pick.matchOnDescription = true;
        pick.matchOnDetail = true;
        let chosen = false;
        pick.onDidChangeActive(([item]) => item && this.go(uri, steps, item.index));
        pick.onDidAccept(() => {
            chosen = true;
            pick.hide();
        });
        pick.onDidHide(() => {
            if (!chosen) {
                this.go(uri, steps, before);
            }
            pick.dispose();
        });
        pick.show();
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private go(uri: vscode.Uri, steps: Steps, index: number): void {
        const before = steps.index;
        steps.go(index);
        if (steps.index !== before) {
            this.changed.fire(uri);
        }
        this.tell();
    }

    private current(): { readonly uri: vscode.Uri; readonly steps: Steps } {
        const uri = vscode.window.activeTextEditor?.document.uri;
        const steps = uri && this.playing.get(uri.toString())?.steps;
        if (!uri || !steps) {
            throw localProblem('usage', l10n.t('The active editor plays no room back.'));
        }
        return { uri, steps };
    }

    private async load(uri: vscode.Uri): Promise<Playing> {
        const file = uri.with({ scheme: 'file', path: uri.query, query: '' });
        const { newest } = await this.ask(file, { at: '0' });
        const {
            start = 0,
            frames = [],
            notKept,
        } = await this.ask(file, { since: Math.max(0, newest - MOST), limit: MOST });
        const steps = new Steps(start, frames, notKept);
        const playing = { file, steps };
        this.playing.set(uri.toString(), playing);
        return playing;
    }

    private async ask(
        file: vscode.Uri,
        params: { at?: string; since?: number; limit?: number },
        token?: vscode.CancellationToken,
    ): Promise<CollabPlayback> {
        return this.server.execute('collab.playback', { folder: file.fsPath, path: file.fsPath, ...params }, token);
    }

    /** Says where the active playback stands, and marks what its step wrote. */
    private tell(): void {
        const editor = vscode.window.activeTextEditor;
        const steps = editor && this.playing.get(editor.document.uri.toString())?.steps;
        if (!editor || !steps) {
            this.item.hide();
            return;
        }
        this.item.text = `$(history) ${describeStep(steps, vscode.env.language, Date.now())}`;
        this.item.tooltip = basename(editor.document.uri.path);
        this.item.show();
        const lines = steps.frame ? touchedLines(steps.frame) : [];
        const ranges = lines.map((line) => new vscode.Range(line, 0, line, 0));
        editor.setDecorations(this.mark, ranges);
        const [range] = ranges;
        if (range) {
            editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
        }
    }
}

/** The commands of this file, by their ids. */
export function playbackCommands(playback: Playback): Record<string, (uri?: unknown) => Promise<unknown>> {
    return {
        'anvcs.rooms.playback': async (uri) => {
            const file = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
            if (file?.scheme !== 'file') {
                throw localProblem('usage', l10n.t('The active editor shows no file.'));
            }
            return playback.start(file);
        },
        'anvcs.playback.previous': async () => playback.move(-1),
        'anvcs.playback.next': async () => playback.move(1),
        'anvcs.playback.choose': async () => playback.choose(),
    };
}
