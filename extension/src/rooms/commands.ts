/** The commands of rooms. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Target } from '../history/row.js';
import { localProblem } from '../problem.js';
import { RoomsResyncRequest } from '../wire.js';
import type { Rooms } from './rooms.js';
import { actorName, participants } from './who.js';

/** A command: takes what its row or caller means, and throws problems. */
type Command = (target?: Target) => Promise<unknown>;

/** Every command of this file, by its id. */
export function roomCommands(rooms: Rooms): Record<string, Command> {
    return {
        'anvcs.rooms.on': (target) => within(rooms, target, (folder) => rooms.server.execute('rooms.on', { folder })),
        'anvcs.rooms.off': (target) => within(rooms, target, (folder) => rooms.server.execute('rooms.off', { folder })),
        'anvcs.rooms.pause': (target) =>
            within(rooms, target, (folder) => rooms.server.execute('rooms.pause', { folder })),
        'anvcs.rooms.resume': (target) =>
            within(rooms, target, (folder) => rooms.server.execute('rooms.pause', { folder, resume: true })),
        'anvcs.rooms.pauseAgent': (target) => within(rooms, target, (folder) => pauseAgent(rooms, folder, target)),
        'anvcs.rooms.resync': () => resync(rooms),
        'anvcs.rooms.undo': () => rooms.undo.run('undo'),
        'anvcs.rooms.redo': () => rooms.undo.run('redo'),
        'anvcs.rooms.save': async () => {
            const document = vscode.window.activeTextEditor?.document;
            await (document && rooms.saves.save(document));
        },
        'anvcs.rooms.follow': (target) => follow(rooms, target),
        'anvcs.rooms.unfollow': async () => rooms.follower.stop(),
        'anvcs.rooms.heatmap': async () => rooms.heatmap.toggle(),
    };
}

async function within<T>(
    { chooser, situation }: Rooms,
    target: Target | undefined,
    work: (folder: string) => Promise<T>,
): Promise<T | undefined> {
    const folder = target?.folder ?? (await chooser.choose());
    if (folder === undefined) {
        return undefined;
    }
    try {
        return await work(folder);
    } finally {
        void situation.look(folder);
    }
}

/** Pauses an agent, or lets it go on if it was paused. */
async function pauseAgent({ server }: Rooms, folder: string, target?: Target): Promise<unknown> {
    const { actors = [], pausedActors = [] } = await server.execute('rooms.status', { folder });
    const agents = [...new Set([...actors.map(({ actor }) => actor), ...pausedActors])].filter((actor) =>
        actor.startsWith('agent:'),
    );
    const actor = target?.actor ?? (await pickAgent(agents, pausedActors));
    return actor && server.execute('rooms.pause', { folder, actor, resume: pausedActors.includes(actor) });
}

async function pickAgent(agents: readonly string[], paused: readonly string[]): Promise<string | undefined> {
    if (agents.length === 0) {
        throw localProblem('usage', l10n.t('No agent is in a room here.'));
    }
    const items = agents.map((actor) => ({
        label: `$(hubot) ${actorName(actor)}`,
        description: paused.includes(actor) ? l10n.t('paused; select to let it go on') : '',
        actor,
    }));
    const placeHolder = l10n.t('Choose the agent whose writing shall pause');
    return (await vscode.window.showQuickPick(items, { placeHolder }))?.actor;
}

async function resync({ server, binding, documents }: Rooms): Promise<unknown> {
    const document = vscode.window.activeTextEditor?.document;
    if (!document || !documents.isFollowed(document.uri)) {
        throw localProblem('usage', l10n.t('The active editor is not in a room.'));
    }
    const { uri } = document;
    return binding.after(uri, () =>
        server.request(RoomsResyncRequest, {
            uri: uri.toString(),
            version: document.version,
            text: document.getText(),
        }),
    );
}

async function follow({ presence, follower }: Rooms, target?: Target): Promise<unknown> {
    const everybody = participants(presence.everybody());
    if (everybody.length === 0) {
        throw localProblem('usage', l10n.t('Nobody else is in a room here.'));
    }
    const items = everybody.map((participant) => ({
        label: participant.name,
        description: vscode.workspace.asRelativePath(participant.at.uri),
        participant,
    }));
    const chosen = target?.actor
        ? items.find(({ participant }) => participant.actor === target.actor && participant.client === target.client)
        : await vscode.window.showQuickPick(items, { placeHolder: l10n.t('Choose whom to follow') });
    return chosen && follower.start(chosen.participant);
}
