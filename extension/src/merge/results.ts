/** Results of merges that are open as documents: they follow when somebody goes on with the merge, here or elsewhere. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { type ResultPlace, resultAt } from '../documents.js';
import { problemOf, sentence } from '../problem.js';
import type { Server } from '../server/server.js';
import type { Proposal, ProposalSummary } from '../wire.js';
import { ended, title } from './proposals.js';
import { comparing, type Folder, placed } from './steps.js';

/** Which merge a result is of: the address of its documents does not say. */
interface Known {
    readonly proposal: string;
    readonly folder?: string;
}

/** A tab that shows a file of a result beside the target's. */
interface Shown extends ResultPlace {
    readonly tab: vscode.Tab;
    readonly input: vscode.TabInputTextDiff;
    readonly known: Known;
}

/** Remembers which results belong to which merge, and puts the newest in the place of older ones that are on the screen. */
export class Results implements vscode.Disposable {
    /** Of which merge each result is, by its tree. Such documents do not outlive the window. */
    private readonly known = new Map<string, Known>();
    /** The merges with open documents, as they were when somebody looked last. */
    private readonly newest = new Map<string, Proposal | undefined>();
    /** Merges that are being ended from here: whoever does it is told anyway. */
    private readonly ending = new Set<string>();
    private readonly subscriptions: vscode.Disposable[];
    /** Results that somebody here has asked to see. */
    private readonly asked = new Set<string>();
    private work: Promise<void> = Promise.resolve();

    constructor(
        private readonly server: Pick<
            Server,
            'execute' | 'onDidChangeHistory' | 'onDidChangeProposals' | 'onDidChangeState' | 'state'
        >,
        private readonly log: vscode.LogOutputChannel,
    ) {
        this.subscriptions = [
            server.onDidChangeProposals(({ proposals }) => this.soon(() => this.changed(proposals))),
            server.onDidChangeHistory(() => this.soon(() => this.moved())),
            // A new server has not told of anything yet, nor does it know what is on the screen.
            server.onDidChangeState(({ kind }) => {
                this.newest.clear();
                if (kind === 'ready') {
                    this.soon(() => this.renew());
                }
            }),
            vscode.window.tabGroups.onDidChangeTabs(() => this.soon(() => this.renew())),
        ];
    }

    /** Notes which merge a result is of that somebody wants to see, and that there is none newer. */
    shown(folder: Folder, proposal: Proposal): void {
        this.asked.add(proposal.tree ?? '');
        this.note(folder, proposal);
    }

    private note(folder: Folder, proposal: Proposal): void {
        const { proposalId, tree } = proposal;
        this.newest.set(proposalId, proposal);
        if (tree !== undefined) {
            this.known.set(tree, { proposal: proposalId, ...placed(folder) });
        }
    }

    /** Ends a merge; what is told of it is not news then. */
    async end<T>(proposalId: string, how: () => Promise<T>): Promise<T> {
        this.ending.add(proposalId);
        try {
            return await how();
        } catch (error) {
            this.ending.delete(proposalId);
            throw error;
        }
    }

    dispose(): void {
        vscode.Disposable.from(...this.subscriptions).dispose();
    }

    /** One thing after the other: two at once would each open a document for the same tab. */
    private soon(what: () => Promise<void>): void {
        this.work = this.work.then(what).catch((error: unknown) => this.log.warn(sentence(problemOf(error))));
    }

    private async changed(proposals: readonly ProposalSummary[]): Promise<void> {
        const open = new Map(this.tabs().map(({ known }) => [known.proposal, known]));
        for (const each of proposals) {
            const known = open.get(each.proposalId);
            const said = ended(each);
            if (said !== undefined) {
                const isOurs = this.ending.delete(each.proposalId);
                this.newest.delete(each.proposalId);
                if (known && !isOurs) {
                    void vscode.window.showInformationMessage(`${title(each)}: ${said}`);
                }
            } else if (known) {
                await this.look(known);
            }
        }
        await this.renew();
    }

    /** A stream may have moved: what is on the screen is worked out anew then. */
    private async moved(): Promise<void> {
        const open = new Map(this.tabs().map(({ known }) => [known.folder, known]));
        for (const folder of open.keys()) {
            const { proposals = [] } = await this.server.execute('proposal.list', placed(folder));
            await this.changed(proposals.filter(({ moved }) => moved));
        }
    }

    private async look(known: Known): Promise<void> {
        const params = { ...placed(known.folder), proposal: known.proposal };
        const { proposal } = await this.server.execute('proposal.show', params);
        this.note(known.folder, proposal);
    }

    /** Replaces older results where they can be seen; others follow when somebody turns to them. */
    private async renew(): Promise<void> {
        for (const each of this.tabs().filter(({ tab }) => tab.isActive)) {
            if (!this.newest.has(each.known.proposal)) {
                if (this.server.state.kind !== 'ready') {
                    return;
                }
                // One that cannot be had is said once, and keeps no other from being looked at.
                this.newest.set(each.known.proposal, undefined);
                await this.look(each.known).catch((error: unknown) => this.log.warn(sentence(problemOf(error))));
            }
            const now = this.newest.get(each.known.proposal);
            if (now && ended(now) === undefined) {
                await this.replace(each, now);
            }
        }
    }

    private async replace({ tab, input, path, known }: Shown, now: Proposal): Promise<void> {
        const next = comparing(known.folder, now, path);
        if (!next || String(next.after) === String(input.modified)) {
            return;
        }
        const stood = vscode.window.visibleTextEditors.find(
            ({ document }) => String(document.uri) === String(input.modified),
        );
        await vscode.commands.executeCommand('vscode.diff', next.before, next.after, next.heading, {
            viewColumn: tab.group.viewColumn,
            preview: tab.isPreview,
            preserveFocus: true,
            ...(stood && { selection: stood.selection }),
        });
        const old = String(input.modified);
        // A tab that was but a preview is gone by now.
        const left = this.tabs().filter((each) => String(each.input.modified) === old);
        await vscode.window.tabGroups.close(
            left.filter(({ tab: each }) => each.group.viewColumn === tab.group.viewColumn).map((each) => each.tab),
            true,
        );
        // What comes of a decision made here is asked for in a moment, and needs no words.
        setTimeout(() => {
            if (!this.asked.has(now.tree ?? '')) {
                const said = l10n.t('{0}: a newer result is shown now.', path);
                vscode.window.setStatusBarMessage(`$(git-merge) ${said}`, GLANCE);
            }
        }, MOMENT);
    }

    /** Every tab that shows a result whose merge is known. */
    private tabs(): Shown[] {
        return vscode.window.tabGroups.all
            .flatMap(({ tabs }) => tabs)
            .flatMap((tab): Shown[] => {
                const { input } = tab;
                const place = input instanceof vscode.TabInputTextDiff ? resultAt(input.modified) : undefined;
                const known = place && this.known.get(place.tree);
                return place && known ? [{ ...place, tab, input: input as vscode.TabInputTextDiff, known }] : [];
            });
    }
}

const GLANCE = 10_000;
const MOMENT = 1000;
