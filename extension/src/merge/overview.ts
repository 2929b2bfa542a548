/** The status bar item that says which merges are proposed and what they wait for, whoever proposed them. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { Current, Situation } from '../current.js';
import { problemOf, sentence } from '../problem.js';
import type { Server } from '../server/server.js';
import type { ProposalSummary } from '../wire.js';
import { standing, title } from './proposals.js';

/** What the item shows. */
export interface Overview {
    readonly text: string;
    /** One line for each merge. */
    readonly lines: readonly string[];
    /** For screen readers. */
    readonly label: string;
}

/** What is said of open merges; nothing where there are none. */
export function overview(proposals: readonly ProposalSummary[]): Overview | undefined {
    const { length } = proposals;
    if (length === 0) {
        return undefined;
    }
    const blocked = proposals.filter(({ status }) => status === 'blocked').length;
    const counted = length === 1 ? l10n.t('1 merge is proposed') : l10n.t('{0} merges are proposed', length);
    const waiting = blocked ? [l10n.t('needing somebody: {0}', blocked)] : [];
    return {
        text: `$(git-pull-request) ${length}${blocked ? ' $(warning)' : ''}`,
        lines: proposals.map((each) => [title(each), standing(each)].join(': ')),
        label: [counted, ...waiting].join(', '),
    };
}

/** The item itself. */
export class ProposalItem implements vscode.Disposable {
    private readonly item = vscode.window.createStatusBarItem('anvcs.proposals', vscode.StatusBarAlignment.Left, 0);
    private readonly subscriptions: vscode.Disposable[];
    private situation: Situation = { streams: [] };
    private asked = 0;

    constructor(
        private readonly server: Server,
        current: Current,
        private readonly log: vscode.LogOutputChannel,
    ) {
        this.item.name = l10n.t('ANVCS Merge Proposals');
        this.item.command = 'anvcs.proposal.review';
        this.subscriptions = [
            this.item,
            current.onDidLook((situation) => {
                this.situation = situation;
                void this.look();
            }),
            server.onDidChangeProposals(() => void this.look()),
        ];
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    private async look(): Promise<void> {
        const ticket = ++this.asked;
        const proposals = await this.proposals();
        if (ticket === this.asked) {
            this.show(overview(proposals));
        }
    }

    private async proposals(): Promise<readonly ProposalSummary[]> {
        const { folder, status } = this.situation;
        if (folder === undefined || !status?.initialized || this.server.state.kind !== 'ready') {
            return [];
        }
        try {
            return (await this.server.execute('proposal.list', { folder })).proposals ?? [];
        } catch (error) {
            this.log.warn(sentence(problemOf(error)));
            return [];
        }
    }

    private show(found: Overview | undefined): void {
        if (!found) {
            this.item.hide();
            return;
        }
        const tooltip = new vscode.MarkdownString();
        for (const line of found.lines) {
            tooltip.appendText(line).appendMarkdown('\n\n');
        }
        this.item.text = found.text;
        this.item.tooltip = tooltip;
        this.item.accessibilityInformation = { label: `${found.label}. ${l10n.t('Review')}`, role: 'button' };
        this.item.show();
    }
}
