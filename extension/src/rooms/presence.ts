/** The others in the editors: carets with names, selections, marks in the overview ruler. */
import * as vscode from 'vscode';
import type { Participant, Selection } from '../wire.js';
import { type Binding, rangeOf } from './binding.js';
import { type ActorColours, COLOURS, faint, strong } from './colours.js';
import { keyOf, type RoomDocuments } from './documents.js';

/** Where one of the others is. */
export interface Whereabouts {
    readonly uri: vscode.Uri;
    readonly participant: Participant;
}

/** Milliseconds for which the name stays at a caret that moved; after that the mouse shows it. */
const NAMED = 3000;

/** What is drawn of the others in one document, by colour. */
export interface Drawing {
    readonly carets: readonly { readonly at: Selection['active']; readonly name: string; readonly named: boolean }[];
    readonly selections: readonly Selection[];
}

/** What to draw, by the place of the colour. */
export function drawings(
    others: readonly Participant[],
    colourOf: (actor: string) => number,
    isNamed: (participant: Participant) => boolean,
): Drawing[] {
    return Array.from({ length: COLOURS }, (_, colour) => {
        const mine = others.filter(({ actor, where }) => where !== 'elsewhere' && colourOf(actor) === colour);
        return {
            carets: mine.flatMap((participant) =>
                (participant.selections ?? []).map(({ active }) => ({
                    at: active,
                    name: participant.name,
                    named: isNamed(participant),
                })),
            ),
            selections: mine.flatMap(({ selections = [] }) => selections.filter((selection) => !isEmpty(selection))),
        };
    });
}

const isEmpty = ({ anchor, active }: Selection) => anchor.line === active.line && anchor.character === active.character;

/** Remembers when each of the others moved last. */
export class Moves {
    private readonly last = new Map<number, { readonly place: string; readonly time: number }>();

    /** Takes in where the others are now. */
    take(others: readonly Participant[], now: number): void {
        for (const { client, selections = [] } of others) {
            const place = JSON.stringify(selections);
            if (this.last.get(client)?.place !== place) {
                this.last.set(client, { place, time: now });
            }
        }
    }

    /** Whether somebody moved within the last moments. */
    isRecent({ client }: Participant, now: number): boolean {
        return now - (this.last.get(client)?.time ?? Number.NEGATIVE_INFINITY) < NAMED;
    }
}

/** Draws the others and knows where they are. */
export class PresenceView implements vscode.Disposable {
    private readonly others = new Map<string, readonly Participant[]>();
    private readonly carets = types(caret);
    private readonly selections = types(selection);
    private readonly moved = new vscode.EventEmitter<void>();
    private readonly moves = new Moves();
    private fading: NodeJS.Timeout | undefined;
    private readonly subscriptions: vscode.Disposable[];

    /** Fires when others came, left or moved. */
    readonly onDidMove = this.moved.event;

    constructor(
        binding: Binding,
        private readonly documents: RoomDocuments,
        private readonly colours: ActorColours,
    ) {
        this.subscriptions = [
            ...this.carets,
            ...this.selections,
            this.moved,
            binding.onPresence(({ uri, others = [] }) => {
                others.forEach((participant) => {
                    colours.learn(participant);
                });
                this.others.set(keyOf(uri), others);
                this.moves.take(others, Date.now());
                this.draw();
                clearTimeout(this.fading);
                this.fading = setTimeout(() => this.draw(), NAMED);
            }),
            documents.onDidChange(() => this.draw()),
            vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
            new vscode.Disposable(() => clearTimeout(this.fading)),
        ];
    }

    /** Everybody else, wherever they are. */
    everybody(): Whereabouts[] {
        return [...this.others].flatMap(([key, others]) => {
            const uri = vscode.Uri.parse(key);
            return this.documents.isInside(uri) ? others.map((participant) => ({ uri, participant })) : [];
        });
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private draw(): void {
        const isNamed = (participant: Participant) => this.moves.isRecent(participant, Date.now());
        for (const editor of vscode.window.visibleTextEditors) {
            const { uri } = editor.document;
            const others = this.documents.isInside(uri) ? (this.others.get(keyOf(uri)) ?? []) : [];
            drawings(others, (actor) => this.colours.of(actor), isNamed).forEach((drawing, colour) => {
                drawIn(editor, drawing, this.carets[colour], this.selections[colour], colour);
            });
        }
        this.moved.fire();
    }
}

function drawIn(
    editor: vscode.TextEditor,
    { carets, selections }: Drawing,
    caretType: vscode.TextEditorDecorationType | undefined,
    selectionType: vscode.TextEditorDecorationType | undefined,
    colour: number,
): void {
    if (caretType && selectionType) {
        editor.setDecorations(
            caretType,
            carets.map(({ at, name, named }) => ({
                range: rangeOf({ start: at, end: at }),
                hoverMessage: new vscode.MarkdownString().appendText(name),
                ...(named && { renderOptions: { after: tag(name, colour, at.line === 0) } }),
            })),
        );
        editor.setDecorations(
            selectionType,
            selections.map(({ anchor, active }) => new vscode.Range(positionOf(anchor), positionOf(active))),
        );
    }
}

const positionOf = ({ line, character }: Selection['active']) => new vscode.Position(line, character);

function types(make: (colour: number) => vscode.DecorationRenderOptions): vscode.TextEditorDecorationType[] {
    return Array.from({ length: COLOURS }, (_, colour) => vscode.window.createTextEditorDecorationType(make(colour)));
}

const caret = (colour: number): vscode.DecorationRenderOptions => ({
    borderStyle: 'solid',
    borderWidth: '0 0 0 2px',
    borderColor: strong(colour),
    overviewRulerColor: strong(colour),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
});

const selection = (colour: number): vscode.DecorationRenderOptions => ({
    backgroundColor: faint(colour),
    overviewRulerColor: strong(colour),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
});

/** The name at a caret: above it, so that no text moves; on the first line below. */
function tag(name: string, colour: number, below: boolean): vscode.ThemableDecorationAttachmentRenderOptions {
    const place = below ? 'top: 1.3em' : 'top: -1.1em';
    return {
        contentText: name,
        color: new vscode.ThemeColor('anvcs.participantForeground'),
        backgroundColor: strong(colour),
        // The only door to a rule that decorations have no name for: an attachment that takes no room in the line.
        textDecoration: `none; position: absolute; ${place}; z-index: 1; font-size: 0.75em; line-height: 1.3; padding: 0 0.3em; border-radius: 2px; pointer-events: none; white-space: pre`,
    };
}
