/** A list to choose from that stays true while it is open. */
import * as vscode from 'vscode';
import { itemOf } from '../history/actions.js';
import type { Row } from '../history/row.js';

/** What is listed, and what is said above it. */
export interface Listing<R extends Row> {
    readonly title: string;
    readonly said: string;
    readonly groups: readonly Group<R>[];
}

/** Rows with a heading; where it is empty, a line alone. */
export interface Group<R extends Row> {
    readonly heading: string;
    readonly rows: readonly R[];
}

/** Lets the user choose a row; each time something `changed`, what is listed `now` takes the place of what was. */
export async function pickLive<R extends Row>(
    first: Listing<R>,
    changed: vscode.Event<unknown>,
    now: () => Promise<Listing<R>>,
): Promise<R | undefined> {
    const list = vscode.window.createQuickPick<Item<R>>();
    list.matchOnDescription = true;
    list.matchOnDetail = true;
    const fill = ({ title, said, groups }: Listing<R>) => {
        const chosen = list.activeItems[0]?.row?.id;
        list.title = title;
        list.placeholder = said;
        const shown = groups.filter(({ rows }) => rows.length);
        list.items = shown.flatMap(({ heading, rows }, at): Item<R>[] => [
            ...(at || heading ? [{ label: heading, kind: vscode.QuickPickItemKind.Separator }] : []),
            ...rows.map(itemOf),
        ]);
        const same = list.items.filter(({ row }) => row !== undefined && row.id === chosen);
        if (same.length) {
            list.activeItems = same;
        }
    };
    fill(first);
    const following = changed(() => void now().then(fill, () => undefined));
    try {
        return await new Promise((done) => {
            list.onDidAccept(() => done(list.activeItems[0]?.row));
            list.onDidHide(() => done(undefined));
            list.show();
        });
    } finally {
        following.dispose();
        list.dispose();
    }
}

/** A row, or a heading. */
interface Item<R extends Row> extends vscode.QuickPickItem {
    readonly row?: R;
}
