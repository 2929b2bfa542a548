/** One colour of the theme for each actor, the same everywhere. */
import * as vscode from 'vscode';
import type { Participant } from '../wire.js';

/** How many colours package.json contributes. */
export const COLOURS = 8;

/** The place of an actor's colour where nobody has said it: a hash (FNV-1a) of its id. */
export function hashed(actor: string): number {
    let hash = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(actor)) {
        hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    }
    return hash % COLOURS;
}

/** Remembers what the server said of actors' colours. */
export class ActorColours {
    private readonly known = new Map<string, number>();

    /** Takes in what the server says of somebody. */
    learn({ actor, colour = 0 }: Participant): void {
        this.known.set(actor, colour % COLOURS);
    }

    /** The place of an actor's colour. */
    of(actor: string): number {
        return this.known.get(actor) ?? hashed(actor);
    }
}

/** The colour of carets, names and marks, as package.json contributes it. */
export function strong(colour: number): vscode.ThemeColor {
    return new vscode.ThemeColor(colourId(colour));
}

/** The colour behind text. */
export function faint(colour: number): vscode.ThemeColor {
    return new vscode.ThemeColor(`${colourId(colour)}Background`);
}

/** The id of a colour, for icons. */
export function colourId(colour: number): string {
    return `anvcs.participant${colour + 1}`;
}
