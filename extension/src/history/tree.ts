/** A side bar view of rows. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Fact, Row } from './row.js';

/** Scheme of rows that are of no effect any more, for their color. */
const FADED = 'anvcs-faded';

/** More facts about a row, for when the mouse rests on it. */
export type Facts = (row: Row, token: vscode.CancellationToken) => Promise<readonly Fact[] | undefined>;

/** One view; the rows stay until others are set. */
export class Tree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
    private readonly changed = new vscode.EventEmitter<undefined>();
    private rows: readonly Row[] = [];

    readonly onDidChangeTreeData = this.changed.event;
    /** The view itself. */
    readonly view: vscode.TreeView<Row>;

    constructor(
        id: string,
        private readonly facts?: Facts,
    ) {
        this.view = vscode.window.createTreeView(id, { treeDataProvider: this, showCollapseAll: facts !== undefined });
    }

    /** Shows these rows. */
    set(rows: readonly Row[]): void {
        this.rows = rows;
        this.changed.fire(undefined);
    }

    getChildren(row?: Row): Row[] {
        return [...((row ? row.rows : this.rows) ?? [])];
    }

    getTreeItem(row: Row): vscode.TreeItem {
        const item = new vscode.TreeItem(row.label, collapsed(row));
        item.id = row.id;
        item.contextValue = (row.words ?? []).join(' ');
        if (row.description) {
            item.description = row.description;
        }
        if (row.icon) {
            item.iconPath = new vscode.ThemeIcon(
                row.icon.name,
                row.icon.color && new vscode.ThemeColor(row.icon.color),
            );
        }
        if (row.faded) {
            item.resourceUri = vscode.Uri.from({ scheme: FADED, path: `/${row.id}` });
        } else if (row.file !== undefined) {
            item.resourceUri = vscode.Uri.file(join(row.folder ?? '/', row.file));
            item.iconPath = vscode.ThemeIcon.File;
        }
        if (row.command) {
            item.command = { command: row.command, title: '', arguments: [row] };
        }
        if (!this.facts && row.facts) {
            item.tooltip = tooltip(row.label, row.facts);
        }
        return item;
    }

    async resolveTreeItem(item: vscode.TreeItem, row: Row, token: vscode.CancellationToken): Promise<vscode.TreeItem> {
        const facts = (await this.facts?.(row, token)) ?? row.facts;
        if (facts) {
            item.tooltip = tooltip(row.label, facts);
        }
        return item;
    }

    dispose(): void {
        this.view.dispose();
        this.changed.dispose();
    }
}

function collapsed({ rows = [], open }: Row): vscode.TreeItemCollapsibleState {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    return rows.length === 0 ? None : open ? Expanded : Collapsed;
}

function tooltip(label: string, facts: readonly Fact[]): vscode.MarkdownString {
    const text = new vscode.MarkdownString().appendMarkdown('**').appendText(label).appendMarkdown('**');
    for (const [name, value] of facts) {
        text.appendMarkdown('\n\n*').appendText(name).appendMarkdown('* ').appendText(value);
    }
    return text;
}

/** Gives rows of no effect the color of what is disabled. */
export const fading: vscode.FileDecorationProvider = {
    provideFileDecoration: ({ scheme }) =>
        scheme === FADED
            ? new vscode.FileDecoration(undefined, undefined, new vscode.ThemeColor('disabledForeground'))
            : undefined,
};
