/** Choosing a commit: one of the recent ones, or any revision typed. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { shortId } from '../documents.js';
import { showProblem } from '../notify.js';
import type { Server } from '../server/server.js';
import { GraphRequest, type GraphRow } from '../wire.js';

const RECENT = 100;

const FORMAT = { dateStyle: 'medium', timeStyle: 'short' } as const;

interface Item extends vscode.QuickPickItem {
    readonly commit: string;
}

/** Lets the user pick a commit; undefined if none was. */
export async function pickCommit(
    server: Server,
    folder: string,
    log: vscode.LogOutputChannel,
): Promise<string | undefined> {
    const pick = vscode.window.createQuickPick<Item>();
    pick.placeholder = l10n.t('Choose a recent commit, or type an id, a branch or any Git revision');
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.busy = true;
    let recent: readonly Item[] = [];
    const refresh = () => {
        const revision = pick.value.trim();
        const known = recent.some(({ commit }) => commit === revision);
        const typed = { label: revision, description: l10n.t('revision'), commit: revision, alwaysShow: true };
        pick.items = revision && !known ? [...recent, typed] : recent;
    };
    const chosen = new Promise<string | undefined>((choose) => {
        pick.onDidChangeValue(refresh);
        pick.onDidAccept(() => choose(pick.selectedItems[0]?.commit));
        pick.onDidHide(() => choose(undefined));
    });
    pick.show();
    server.request(GraphRequest, { folder, limit: RECENT }).then(
        ({ rows }) => {
            recent = rows.map(item);
            pick.busy = false;
            refresh();
        },
        (error: unknown) => {
            pick.hide();
            void showProblem(error, log);
        },
    );
    return chosen.finally(() => pick.dispose());
}

function item(row: GraphRow): Item {
    const who = row.agent ? `${row.author.name} · ${row.agent}` : row.author.name;
    const when = new Date(row.author.time * 1000).toLocaleString(vscode.env.language, FORMAT);
    return {
        label: row.subject || l10n.t('(no message)'),
        description: shortId(row.gitCommit),
        detail: `${who} · ${when}`,
        commit: row.gitCommit,
    };
}
