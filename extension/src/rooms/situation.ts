/** What rooms are doing here, in one word, with how much is not durable yet. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Current } from '../current.js';
import { problemOf, sentence } from '../problem.js';
import type { Server } from '../server/server.js';
import type { DocumentRoomState, RoomsStatus } from '../wire.js';
import type { RoomDocuments } from './documents.js';

/** What the status item says of rooms. */
export interface RoomsSummary {
    readonly kind: 'off' | 'local' | 'paused' | 'offline' | 'repairing';
    /** Edits of this window that are not durable yet. */
    readonly undurable: number;
    /** Why the document that is looked at is not in a room, or what ails it. */
    readonly reason?: string;
}

/** The state of a repository's rooms together with those of the open documents. */
export function summarize(
    status: RoomsStatus | undefined,
    states: readonly DocumentRoomState[],
    active?: DocumentRoomState,
): RoomsSummary {
    const undurable = states.reduce((sum, { undurable: some = 0 }) => sum + some, 0);
    const is = (wanted: DocumentRoomState['state']) => states.some(({ state }) => state === wanted);
    const kind = (): RoomsSummary['kind'] => {
        if (status?.mode !== 'local') {
            return 'off';
        }
        if (status.paused || is('paused')) {
            return 'paused';
        }
        return is('desync') ? 'repairing' : is('offline') ? 'offline' : 'local';
    };
    return { kind: kind(), undurable, ...(active?.reason && { reason: active.reason }) };
}

/** The summary as the status item shows it: an icon and what it means. */
export function presentRooms({ kind, undurable, reason }: RoomsSummary): {
    readonly icon: string;
    readonly lines: readonly string[];
} {
    const [icon, said] = {
        off: ['', l10n.t('Rooms are off: nothing is recorded.')],
        local: ['$(broadcast)', l10n.t('Rooms are on, on this machine only.')],
        paused: ['$(debug-pause)', l10n.t('Rooms are paused: nothing is recorded.')],
        offline: [
            '$(debug-disconnect)',
            l10n.t('Rooms cannot be reached; what you write is kept here until they can.'),
        ],
        repairing: ['$(sync~spin)', l10n.t('A document differed from its room and is being repaired.')],
    }[kind] as [string, string];
    const waiting = kind !== 'off' && undurable > 0;
    return {
        icon: [icon, waiting ? String(undurable) : ''].filter(Boolean).join(' '),
        lines: [
            said,
            ...(waiting ? [l10n.t('Edits that are not durable yet: {0}', undurable)] : []),
            ...(reason ? [reason] : []),
        ],
    };
}

/** Looks at the rooms of the repository that is meant. */
export class RoomsSituation implements vscode.Disposable {
    private readonly changed = new vscode.EventEmitter<RoomsSummary>();
    private readonly subscriptions: vscode.Disposable[];
    private asked = 0;

    /** Fires with each new summary. */
    readonly onDidChange = this.changed.event;
    /** The repository that is meant, and what the server says of its rooms. */
    folder: string | undefined;
    status: RoomsStatus | undefined;

    constructor(
        private readonly server: Server,
        current: Current,
        private readonly documents: RoomDocuments,
        private readonly log: vscode.LogOutputChannel,
    ) {
        this.subscriptions = [
            this.changed,
            current.onDidLook(({ folder, status }) => void this.look(status?.initialized ? folder : undefined)),
            documents.onDidChange(() => this.tell()),
            vscode.window.onDidChangeActiveTextEditor(() => this.tell()),
        ];
    }

    /** Asks the server anew. */
    async look(folder = this.folder): Promise<void> {
        const ticket = ++this.asked;
        const status =
            folder === undefined
                ? undefined
                : await this.server.execute('rooms.status', { folder }).catch((error: unknown) => {
                      this.log.warn(sentence(problemOf(error)));
                      return undefined;
                  });
        if (ticket === this.asked) {
            this.folder = folder;
            this.status = status;
            this.tell();
        }
    }

    /** What the status item says now. */
    get summary(): RoomsSummary {
        const uri = vscode.window.activeTextEditor?.document.uri;
        return summarize(this.status, this.documents.all(), uri && this.documents.get(uri));
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private tell(): void {
        const { summary } = this;
        void vscode.commands.executeCommand('setContext', 'anvcs.rooms', summary.kind);
        this.changed.fire(summary);
    }
}
