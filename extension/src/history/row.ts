/** Rows of our side bar views: what is shown, and what a command on a row is about. */

/** What a command means; a row hands itself over, a notification or another extension a part of it. */
export interface Target {
    readonly folder?: string;
    /** An operation's id. */
    readonly operation?: string;
    /** A Git id. */
    readonly commit?: string;
    readonly stream?: string;
    readonly checkpoint?: string;
    /** The clone whose value of a conflicted stream is meant. */
    readonly replica?: string;
    /** Somebody in a room. */
    readonly actor?: string;
    /** Which of their windows. */
    readonly client?: number;
}

/** A label and what it says of something. */
export type Fact = readonly [label: string, value: string];

/** One row of a tree. */
export interface Row extends Target {
    /** Unlike any other in its tree; what the selection and the open rows are kept by. */
    readonly id: string;
    readonly label: string;
    readonly description?: string;
    /** In a list to choose from: a line below the label. */
    readonly detail?: string;
    /** Shown when the mouse rests on it, below the label. */
    readonly facts?: readonly Fact[];
    readonly icon?: Icon;
    /** Words that menus ask for, see `viewItem` in package.json. */
    readonly words?: readonly string[];
    readonly rows?: readonly Row[];
    /** Open from the start. */
    readonly open?: boolean;
    /** What a click runs, with the row as its argument. */
    readonly command?: string;
    /** Of no effect any more. */
    readonly faded?: boolean;
    /** A path whose own icon is shown. */
    readonly file?: string;
    /** The commits between which the file changed. */
    readonly between?: readonly [parent: string | undefined, commit: string];
}

/** A codicon and the theme's color for it. */
export interface Icon {
    readonly name: string;
    readonly color?: string;
}
