/** Agents' Changes: what others changed since the user last looked, to keep or take back hunk by hunk. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Row, Target } from '../history/row.js';
import { Tree } from '../history/tree.js';
import { problemOf, sentence } from '../problem.js';
import { shortAgo } from '../time.js';
import type { CollabReverted, CollabReview, ReviewFile, ReviewHunk, ReviewRun } from '../wire.js';
import { colourId } from './colours.js';
import type { Rooms } from './rooms.js';
import { actorName } from './who.js';

/** Milliseconds of quiet after which a change is looked for. */
const QUIET = 1500;
const MINUTE = 60_000;
const VIEW = 'anvcs.changes';

/** A row with the hunks that are below it. */
export interface ChangeRow extends Row {
    readonly hunks: readonly string[];
    /** The file that a hunk is in, and its line, from 1. */
    readonly path?: string;
    readonly line?: number;
    readonly rows?: readonly ChangeRow[];
}

/** What the rows need to know beside the review. */
export interface Seen {
    readonly folder: string;
    readonly language: string;
    readonly now: number;
    colourOf(actor: string): number;
}

/** An actor as the rows name it; who writes into files without saying who they are is not known. */
export function nameOf(actor: string): string {
    return actor === 'system:disk' ? l10n.t('an unknown program') : actorName(actor);
}

/** The rows: by actor, then task, then file, then hunk; a lone run without a task is not a level of its own. */
export function changeRows({ runs = [] }: CollabReview, seen: Seen): ChangeRow[] {
    const actors = [...new Set(runs.map(({ actor }) => actor))];
    return actors.map((actor) => {
        const own = runs.filter((run) => run.actor === actor);
        const lone = own.length === 1 && own[0]?.task === undefined;
        const rows = lone ? fileRows(own[0] as ReviewRun, seen) : own.map((run) => runRow(run, seen));
        const ended = Math.max(...own.map((run) => run.ended));
        const agent = actor.startsWith('agent:');
        return {
            id: actor,
            folder: seen.folder,
            actor,
            label: nameOf(actor),
            description: [count(rows), ago(ended, seen)].join(' · '),
            facts: [[l10n.t('Actor'), actor]],
            icon: { name: agent ? 'hubot' : 'account', color: colourId(seen.colourOf(actor)) },
            words: ['change'],
            hunks: below(rows),
            rows,
            open: true,
        };
    });
}

function runRow(run: ReviewRun, seen: Seen): ChangeRow {
    const rows = fileRows(run, seen);
    return {
        id: idOf(run),
        folder: seen.folder,
        actor: run.actor,
        label: run.task ?? l10n.t('Without a task'),
        description: [count(rows), run.model, ago(run.ended, seen)].filter(Boolean).join(' · '),
        icon: { name: 'tasklist' },
        words: ['change'],
        hunks: below(rows),
        rows,
        open: true,
    };
}

function fileRows(run: ReviewRun, seen: Seen): ChangeRow[] {
    return run.files.map((file) => {
        const rows = file.hunks.map((hunk) => hunkRow(run, file, hunk, seen));
        return {
            id: `${idOf(run)} ${file.path}`,
            folder: seen.folder,
            actor: run.actor,
            label: file.path.split('/').at(-1) ?? file.path,
            description: [file.path.split('/').slice(0, -1).join('/'), count(rows)].filter(Boolean).join(' · '),
            file: file.path,
            words: ['change'],
            hunks: below(rows),
            rows,
        };
    });
}

function hunkRow(run: ReviewRun, file: ReviewFile, hunk: ReviewHunk, seen: Seen): ChangeRow {
    const { id, line, old = '', overlaps = [], last } = hunk;
    const others = [...new Set(overlaps.flatMap(({ actors }) => actors))].map(nameOf);
    return {
        id: `${idOf(run)} ${file.path} ${id}`,
        folder: seen.folder,
        actor: run.actor,
        label: first(hunk.new ?? '') || first(old) || l10n.t('(an empty line)'),
        description: [
            l10n.t('line {0}', line),
            sizes(old, hunk.new ?? ''),
            ...(hunk.how === 'inferred' ? [l10n.t('inferred')] : []),
            ...(others.length ? [l10n.t('{0} too', others.join(', '))] : []),
        ].join(' · '),
        facts: [
            [l10n.t('Written'), ago(last, seen)],
            ...(old ? [[l10n.t('Before'), clipped(old)] as const] : []),
            ...(hunk.new ? [[l10n.t('Now'), clipped(hunk.new)] as const] : []),
            ...(others.length ? [[l10n.t('In the same place'), others.join(', ')] as const] : []),
        ],
        icon: others.length
            ? { name: 'warning', color: 'list.warningForeground' }
            : { name: hunk.new ? (old ? 'diff-modified' : 'diff-added') : 'diff-removed' },
        words: ['change', 'hunk'],
        hunks: [id],
        command: 'anvcs.changes.show',
        path: file.path,
        line,
    };
}

const idOf = ({ actor, task }: ReviewRun) => `${actor} ${task ?? ''}`;
const below = (rows: readonly ChangeRow[]) => rows.flatMap(({ hunks }) => hunks);
const first = (text: string) =>
    text
        .split('\n')
        .find((each) => each.trim())
        ?.trim() ?? '';
const clipped = (text: string) => (text.length > 400 ? `${text.slice(0, 400)}…` : text);
const lines = (text: string) => (text ? text.replace(/\n$/, '').split('\n').length : 0);
const ago = (time: number, { language, now }: Seen) => shortAgo(time / 1000, language, now / 1000);

function sizes(old: string, now: string): string {
    return [now ? `+${lines(now)}` : '', old ? `−${lines(old)}` : ''].filter(Boolean).join(' ');
}

function count(rows: readonly ChangeRow[]): string {
    const { length } = below(rows);
    return length === 1 ? l10n.t('1 hunk') : l10n.t('{0} hunks', length);
}

/** What was done, in words; and whether anything of it needs a look. */
export function describeRevert({ actor, files = [], refused = [], notices = [] }: CollabReverted): {
    readonly text: string;
    readonly warn: boolean;
} {
    const hunks = files.reduce((sum, file) => sum + file.hunks, 0);
    const overlaps = files.flatMap((file) => (file.overlaps ?? []).map((each) => ({ ...each, path: file.path })));
    const done =
        hunks === 1
            ? l10n.t('Took back 1 hunk of {0}.', nameOf(actor))
            : l10n.t('Took back {0} hunks of {1}.', hunks, nameOf(actor));
    const stays = overlaps.map(({ actors, path, line }) =>
        l10n.t('{0} wrote in the same place ({1}, line {2}); that stays.', actors.map(nameOf).join(', '), path, line),
    );
    const kept = refused.map(({ path, reason }) => `${path}: ${reason}`);
    const text = [...(hunks ? [done] : notices), ...stays, ...kept].join(' ');
    return { text, warn: stays.length + kept.length > 0 || hunks === 0 };
}

/** The view. */
export class ChangesView implements vscode.Disposable {
    private readonly tree = new Tree(VIEW);
    private readonly subscriptions: vscode.Disposable[];
    private timer: NodeJS.Timeout | undefined;
    private asked = 0;
    private shown: ChangeRow[] = [];

    constructor(
        private readonly rooms: Rooms,
        private readonly log: vscode.LogOutputChannel,
    ) {
        const { view } = this.tree;
        const minute = setInterval(() => view.visible && this.soon(0), MINUTE);
        this.subscriptions = [
            this.tree,
            new vscode.Disposable(() => {
                clearInterval(minute);
                clearTimeout(this.timer);
            }),
            view.onDidChangeVisibility(({ visible }) => visible && this.soon(0)),
            rooms.situation.onDidChange(() => this.soon(QUIET)),
            vscode.workspace.onDidChangeTextDocument(({ document }) => {
                if (rooms.documents.isFollowed(document.uri)) {
                    this.soon(QUIET);
                }
            }),
        ];
    }

    /** The rows as they are now. */
    rows(): readonly ChangeRow[] {
        return this.shown;
    }

    /** Looks again when it has been quiet for so long. */
    soon(quiet: number): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.load(), quiet);
    }

    /** Looks now. */
    async load(): Promise<void> {
        const ticket = ++this.asked;
        const { folder, status } = this.rooms.situation;
        try {
            const review =
                folder === undefined || status?.mode !== 'local'
                    ? {}
                    : await this.rooms.server.execute('collab.review', { folder });
            if (ticket === this.asked) {
                this.show(review, folder ?? '');
            }
        } catch (error) {
            this.log.warn(sentence(problemOf(error)));
        }
    }

    /** These hunks, or all that is shown, have been looked at. */
    async keep(folder: string, hunks?: readonly string[]): Promise<void> {
        await this.rooms.server.execute('collab.review', hunks ? { folder, keep: hunks } : { folder, seen: true });
        await this.load();
    }

    /** Takes back these hunks of an actor; what the server says of it. */
    async takeBack(folder: string, actor: string, hunks: readonly string[]): Promise<CollabReverted> {
        try {
            return await this.rooms.server.execute('collab.revert', { folder, actor, hunks });
        } finally {
            await this.load();
        }
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private show(review: CollabReview, folder: string): void {
        const colourOf = (actor: string) => this.rooms.colours.of(actor);
        this.shown = changeRows(review, { folder, language: vscode.env.language, now: Date.now(), colourOf });
        this.tree.set(this.shown);
        const value = below(this.shown).length;
        const tooltip = l10n.t('Hunks that you have not looked at: {0}', value);
        this.tree.view.badge = value ? { value, tooltip } : undefined;
    }
}

/** The commands of this file, by their ids. */
export function changeCommands(view: ChangesView, rooms: Rooms): Record<string, (target?: Target) => Promise<unknown>> {
    return {
        'anvcs.changes.show': (target) => reveal(target as ChangeRow),
        'anvcs.changes.keep': async (target) => {
            const { folder, hunks } = target as ChangeRow;
            await (folder && view.keep(folder, hunks));
        },
        'anvcs.changes.takeBack': (target) => takeBack(view, target as ChangeRow),
        'anvcs.changes.seen': async () => {
            const folder = rooms.situation.folder ?? (await rooms.chooser.choose());
            await (folder && view.keep(folder));
        },
        'anvcs.changes.refresh': () => view.load(),
    };
}

/** Shows where a hunk is, without leaving the view. */
async function reveal({ folder = '/', path = '', line = 1 }: ChangeRow): Promise<void> {
    const selection = new vscode.Range(line - 1, 0, line - 1, 0);
    const uri = vscode.Uri.file(join(folder, path));
    await vscode.window.showTextDocument(uri, { selection, preserveFocus: true, preview: true });
}

async function takeBack(view: ChangesView, { folder, actor, hunks }: ChangeRow): Promise<CollabReverted | undefined> {
    if (folder === undefined || actor === undefined) {
        return undefined;
    }
    const result = await view.takeBack(folder, actor, hunks);
    const { text, warn } = describeRevert(result);
    void (warn ? vscode.window.showWarningMessage(text) : vscode.window.setStatusBarMessage(text, 5000));
    return result;
}
