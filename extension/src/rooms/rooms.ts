/** Joins the parts of rooms. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Current } from '../current.js';
import type { LocalDocuments } from '../documents.js';
import type { RepositoryChooser } from '../repositories.js';
import type { Server } from '../server/server.js';
import type { DocumentRoomState } from '../wire.js';
import { Binding } from './binding.js';
import { ActorColours } from './colours.js';
import { Cursors } from './cursors.js';
import { keyOf, RoomDocuments } from './documents.js';
import { Follower } from './follow.js';
import { Heatmap } from './heatmap.js';
import { Places } from './places.js';
import { PresenceView } from './presence.js';
import { Question, takesPart } from './question.js';
import { Saves } from './saves.js';
import { RoomsSituation } from './situation.js';
import { RoomUndo } from './undo.js';
import { WhoView } from './who.js';

/** What rooms stand on. */
export interface RoomsContext {
    readonly server: Server;
    readonly chooser: RepositoryChooser;
    readonly current: Current;
    /** Read-only documents: where a text that could not be joined is shown. */
    readonly texts: LocalDocuments;
    /** Remembers the user's answers across windows. */
    readonly memory: vscode.Memento;
    readonly log: vscode.LogOutputChannel;
}

/** Everything of this window that is about rooms. */
export class Rooms implements vscode.Disposable {
    readonly server: Server;
    readonly chooser: RepositoryChooser;
    readonly documents = new RoomDocuments();
    readonly colours = new ActorColours();
    readonly binding: Binding;
    readonly situation: RoomsSituation;
    readonly undo: RoomUndo;
    readonly saves: Saves;
    readonly presence: PresenceView;
    readonly follower: Follower;
    readonly heatmap: Heatmap;
    private readonly subscriptions: vscode.Disposable[];
    private readonly offered = new Set<string>();

    constructor(private readonly context: RoomsContext) {
        const { server, chooser, current, memory, log } = context;
        const { documents } = this;
        const { colours } = this;
        this.server = server;
        this.chooser = chooser;
        this.binding = new Binding(server, documents, takesPart);
        server.use(this.binding);
        this.situation = new RoomsSituation(server, current, documents, log);
        this.undo = new RoomUndo(server, this.binding, documents, log);
        this.saves = new Saves(server, this.binding, documents, log);
        this.presence = new PresenceView(this.binding, documents, colours);
        this.follower = new Follower(this.presence);
        this.heatmap = new Heatmap(server, this.binding, documents, colours, log);
        this.subscriptions = [
            this.undo,
            this.saves,
            this.heatmap,
            this.follower,
            new WhoView(this.presence, this.situation, colours),
            this.presence,
            new Places(documents),
            new Cursors(server, this.binding, documents),
            new Question(server, this.situation, memory, log),
            documents.onDidChange((state) => void this.changed(state)),
            vscode.workspace.onDidChangeConfiguration((event) => {
                if (event.affectsConfiguration('anvcs.rooms') && server.state.kind === 'ready') {
                    void server.restart().catch(() => undefined);
                }
            }),
            this.situation,
            this.binding,
            documents,
        ];
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    /** A repair is told in the log; a text that could not be joined is offered once. */
    private async changed({ uri, state, reason = '', copy }: DocumentRoomState): Promise<void> {
        const { log, texts } = this.context;
        if (state === 'desync') {
            log.warn(`${uri} differed from its room: ${reason}`);
        }
        const key = keyOf(uri);
        if (copy === undefined || this.offered.has(key)) {
            return;
        }
        this.offered.add(key);
        const place = vscode.Uri.parse(uri);
        const name = basename(place.fsPath);
        const compare = l10n.t('Compare');
        const message = l10n.t(
            '{0} had unsaved text that could not be joined with what others wrote. It was kept.',
            name,
        );
        if ((await vscode.window.showWarningMessage(message, compare)) === compare) {
            const kept = texts.hold(name, copy);
            await vscode.commands.executeCommand('vscode.diff', kept, place, l10n.t('{0} (yours ↔ the room)', name));
        }
    }
}
