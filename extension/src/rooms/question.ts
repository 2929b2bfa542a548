/** The question whether rooms shall be on in a repository: asked once, with what is recorded, where and how big. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { showProblem } from '../notify.js';
import type { Server } from '../server/server.js';
import type { RoomsStatus } from '../wire.js';
import type { RoomsSituation } from './situation.js';

const NEVER = 'rooms.never';
const LATER = 'rooms.later';
/** Milliseconds until somebody who said "not now" may be asked again. */
const WEEK = 7 * 86_400_000;

/** What bears on whether to ask. */
export interface Asking {
    readonly status: RoomsStatus | undefined;
    /** The user's setting. */
    readonly setting: string;
    /** The user has said never here. */
    readonly never: boolean;
    /** When the user said "not now", in milliseconds since 1970. */
    readonly later?: number | undefined;
    readonly now: number;
}

/** Whether to ask now. */
export function shouldAsk({ status, setting, never, later, now }: Asking): boolean {
    if (status?.mode !== 'off' || status.asked || setting !== 'ask' || never) {
        return false;
    }
    return later === undefined || now - later > WEEK;
}

/** Whether this editor takes part in rooms at all; only the user's own settings count. */
export function takesPart(): boolean {
    return setting() !== 'off';
}

function setting(): string {
    return vscode.workspace.getConfiguration('anvcs').get<string>('rooms', 'ask');
}

/** Asks where rooms could be on. */
export class Question implements vscode.Disposable {
    private readonly subscription: vscode.Disposable;
    private readonly asked = new Set<string>();

    constructor(
        private readonly server: Server,
        private readonly situation: RoomsSituation,
        private readonly memory: vscode.Memento,
        private readonly log: vscode.LogOutputChannel,
    ) {
        this.subscription = situation.onDidChange(() => void this.look());
    }

    dispose(): void {
        this.subscription.dispose();
    }

    private async look(): Promise<void> {
        const { folder, status } = this.situation;
        if (folder === undefined || this.asked.has(folder)) {
            return;
        }
        const never = this.memory.get<readonly string[]>(NEVER, []);
        const later = this.memory.get<Readonly<Record<string, number>>>(LATER, {});
        const now = Date.now();
        const asking = { status, setting: setting(), never: never.includes(folder), later: later[folder], now };
        if (!shouldAsk(asking)) {
            return;
        }
        this.asked.add(folder);
        const [on, notNow, no] = [l10n.t('Switch On'), l10n.t('Not Now'), l10n.t('Never Here')];
        const answer = await vscode.window.showInformationMessage(question(folder), on, notNow, no);
        try {
            if (answer === on) {
                await this.server.execute('rooms.on', { folder });
                await this.situation.look(folder);
            } else if (answer === no) {
                await this.memory.update(NEVER, [...never, folder]);
                await this.server.execute('rooms.off', { folder });
            } else {
                await this.memory.update(LATER, { ...later, [folder]: now });
            }
        } catch (error) {
            void showProblem(error, this.log);
        }
    }
}

function question(folder: string): string {
    return [
        l10n.t('Share unsaved text live between windows and agents in {0}?', folder),
        l10n.t('Every edit is recorded, with who made it and when.'),
        l10n.t('The record stays on this machine, in .git/anvcs, and grows by about 10 MB in 100,000 edits.'),
        l10n.t('It can be paused, erased and switched off at any time.'),
    ].join(' ');
}
