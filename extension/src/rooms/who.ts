/** Who is here: the others in rooms, with the file each is in, and those who work elsewhere. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Row } from '../history/row.js';
import { Tree } from '../history/tree.js';
import type { RoomActor } from '../wire.js';
import { type ActorColours, colourId } from './colours.js';
import { type Followed, find } from './follow.js';
import type { PresenceView, Whereabouts } from './presence.js';
import type { RoomsSituation } from './situation.js';

/** An actor's id as people read it: `agent:foo` is foo. */
export function actorName(actor: string): string {
    return actor.replace(/^(human|agent|system):/, '');
}

/** Everybody once for each of their windows, with where they are. */
export function participants(everybody: readonly Whereabouts[]): (Followed & { readonly at: Whereabouts })[] {
    const seen = new Map<string, Followed & { readonly at: Whereabouts }>();
    for (const { participant } of everybody) {
        const { actor, client, name } = participant;
        const key = `${actor} ${client}`;
        const at = find(everybody, { actor, client, name });
        if (!seen.has(key) && at) {
            seen.set(key, { actor, client, name, at });
        }
    }
    return [...seen.values()];
}

/** The rows of the view. */
export function whoRows(
    everybody: readonly Whereabouts[],
    actors: readonly RoomActor[],
    colourOf: (actor: string) => number,
): Row[] {
    const icon = (actor: string) => ({
        name: actor.startsWith('agent:') ? 'hubot' : 'account',
        color: colourId(colourOf(actor)),
    });
    const here = participants(everybody).map(({ actor, client, name, at }): Row => {
        const line = at.participant.selections?.[0]?.active.line;
        const file = at.uri.path.split('/').at(-1) ?? '';
        return {
            id: `${actor} ${client}`,
            label: name,
            description: line === undefined ? file : `${file}:${line + 1}`,
            facts: [[l10n.t('Actor'), actor]],
            icon: icon(actor),
            words: ['participant'],
            command: 'anvcs.rooms.follow',
            actor,
            client,
        };
    });
    const elsewhere = actors
        .filter(({ actor, where }) => where === 'elsewhere' && !here.some((row) => row.actor === actor))
        .map(
            ({ actor, stream }): Row => ({
                id: `elsewhere ${actor} ${stream ?? ''}`,
                label: actorName(actor),
                description: stream ? l10n.t('elsewhere, on {0}', stream) : l10n.t('elsewhere'),
                facts: [[l10n.t('Actor'), actor]],
                icon: icon(actor),
                faded: true,
            }),
        );
    return [...here, ...elsewhere];
}

/** The view. */
export class WhoView implements vscode.Disposable {
    private readonly tree = new Tree('anvcs.participants');
    private readonly subscriptions: vscode.Disposable[];

    constructor(
        private readonly presence: PresenceView,
        private readonly situation: RoomsSituation,
        private readonly colours: ActorColours,
    ) {
        this.subscriptions = [
            this.tree,
            presence.onDidMove(() => this.show()),
            situation.onDidChange(() => this.show()),
        ];
    }

    /** The rows as they are now. */
    rows(): Row[] {
        const actors = this.situation.status?.actors ?? [];
        return whoRows(this.presence.everybody(), actors, (actor) => this.colours.of(actor));
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private show(): void {
        this.tree.set(this.rows());
    }
}
