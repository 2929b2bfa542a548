/** Deciding conflicts of a merge, by a quick fix in its document or from the palette; what comes of it is shown at once. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { type ResultPlace, resultAt } from '../documents.js';
import { type Command, folderOf, type HistoryContext, pick, tell } from '../history/actions.js';
import type { Row, Target } from '../history/row.js';
import { localProblem } from '../problem.js';
import type { MergeConflict, MergeFile, Proposal, Suggestion, Verbs } from '../wire.js';
import { type ProposalRow, proposalRows, sourceNames } from './proposals.js';
import { compare, type Folder, type MergeContext, placed, waysOn } from './steps.js';
import { questions } from './suggestions.js';

/** How something is decided, as the server's quick fix gives it. */
type Choice = Verbs['proposal.resolve']['params'];

/** Something that needs a decision: a conflict of a file, or a file as a whole. */
interface Dispute extends Row {
    readonly path: string;
    readonly conflict?: number;
    readonly about?: MergeConflict;
    readonly sides: readonly (readonly [take: 'both' | 'left' | 'right', label: string, text: string])[];
}

/** Every command of this file, by its id. */
export function decidingCommands(context: MergeContext): Record<string, Command> {
    return {
        'anvcs.proposal.resolve': (target) => decide(context, target),
    };
}

/** Decides it, shows the file as it is now, and says what is next. */
export async function settle(context: MergeContext, choice: Choice): Promise<unknown> {
    try {
        const result = await context.server.execute('proposal.resolve', choice);
        const { proposal } = result;
        await compare(context, choice.folder, proposal, choice.path);
        void tellDecided(context, choice.folder, choice.path, proposal);
        return result;
    } finally {
        void context.views.refresh();
    }
}

/** Says that a file is decided, and what is next. */
export async function tellDecided(
    context: MergeContext,
    folder: Folder,
    path: string,
    proposal: Proposal,
): Promise<void> {
    const [next] = proposal.obstacles ?? [];
    const said = next?.message ?? l10n.t('The merge can be accepted now.');
    await tell(context, `${l10n.t('Decided: {0}', path)}. ${said}`, false, ...waysOn(context, folder, proposal));
}

/** The proposal with conflicts that is named, or that the user chooses where there are several. */
export async function disputed(
    { server }: HistoryContext,
    folder: string,
    named: string | undefined,
): Promise<Proposal | undefined> {
    let proposal = named;
    if (proposal === undefined) {
        const { proposals = [] } = await server.execute('proposal.list', { folder });
        const open = proposals.filter(({ conflicts = 0 }) => conflicts > 0);
        const rows = proposalRows(folder, open, Date.now(), vscode.env.language);
        const chosen = rows.length > 1 ? await pick(rows, l10n.t('Choose the merge to review')) : rows[0];
        proposal = (chosen as ProposalRow | undefined)?.proposal;
    }
    return proposal === undefined ? undefined : (await server.execute('proposal.show', { folder, proposal })).proposal;
}

async function decide(context: MergeContext, target?: Target): Promise<unknown> {
    const given = target as Partial<Choice> | undefined;
    if (given?.path !== undefined && given.take !== undefined) {
        return settle(context, given as Choice);
    }
    const here = given?.proposal === undefined ? cursor() : undefined;
    const folder = here ? here.folder : await folderOf(context, target);
    const proposal = await (here ? showing(context, here) : folder && disputed(context, folder, given?.proposal));
    const disputes = proposal ? disputesOf(proposal) : [];
    if (!proposal || disputes.length === 0) {
        throw localProblem('proposal', l10n.t('Nothing is in conflict that could be decided.'));
    }
    const near = disputes.filter((each) => here && each.path === here.path && isIn(each, here.line));
    const [only, ...others] = near.length ? near : disputes;
    const asked = others.length ? await pick(disputes, l10n.t('Choose the conflict to decide')) : only;
    const about = asked as Dispute | undefined;
    if (!about) {
        return undefined;
    }
    const { path, conflict, sides, label, description } = about;
    if (path !== here?.path) {
        // What is decided is seen meanwhile.
        await compare(context, folder, proposal, path);
    }
    const where = {
        ...placed(folder),
        proposal: proposal.proposalId,
        path,
        ...(conflict !== undefined && { conflict }),
    };
    const rows: Way[] = [
        ...sides.map(([take, named, text]) => ({ id: take, label: named, description: text, choice: { take } })),
        ...(about.about?.suggestion ? suggested(about.about.suggestion) : []),
        ...(proposal.canAssist && conflict !== undefined ? [asks()] : []),
        ...(conflict !== undefined ? [edits()] : []),
    ];
    const chosen = (await pick(rows, [label, description].filter(Boolean).join(': '))) as Way | undefined;
    const asking = chosen && ASKING.get(chosen.id);
    if (asking) {
        return vscode.commands.executeCommand(asking, where);
    }
    return chosen && settle(context, { ...where, ...chosen.choice });
}

const ASK = 'ask';
const EDIT = 'edit';
/** What other commands do. */
const ASKING: ReadonlyMap<string, string> = new Map([
    [ASK, 'anvcs.proposal.suggest'],
    [EDIT, 'anvcs.proposal.edit'],
]);

/** A row that decides something. */
interface Way extends Row {
    readonly choice?: Pick<Choice, 'suggestion' | 'take'>;
}

function asks(): Way {
    return { id: ASK, label: l10n.t('Suggest a Resolution'), icon: { name: 'sparkle' } };
}

function edits(): Way {
    return { id: EDIT, label: l10n.t('Edit by Hand'), icon: { name: 'edit' } };
}

function suggested({ suggestionId, model, text }: Suggestion): Way[] {
    const choice = { take: 'suggestion', suggestion: suggestionId } as const;
    const label = l10n.t('Take what {0} suggests', model);
    return text === undefined ? [] : [{ id: choice.take, label, description: shown(text), choice }];
}

/** Where the cursor is in the result of a merge. */
interface Cursor extends ResultPlace {
    /** From 1. */
    readonly line: number;
}

function cursor(): Cursor | undefined {
    const { document, selection } = vscode.window.activeTextEditor ?? {};
    const place = document && resultAt(document.uri);
    return place && selection && { ...place, line: selection.active.line + 1 };
}

/** The proposal whose result is shown there; none if it has another result by now. */
export async function showing(
    { server }: HistoryContext,
    { folder, tree }: ResultPlace,
): Promise<Proposal | undefined> {
    const { proposals = [] } = await server.execute('proposal.list', placed(folder));
    for (const { proposalId } of proposals) {
        const params = { ...placed(folder), proposal: proposalId };
        const found = (await server.execute('proposal.show', params)).proposal;
        if (found.tree === tree) {
            return found;
        }
    }
    return undefined;
}

function isIn({ about }: Dispute, line: number): boolean {
    return about === undefined || (about.line <= line && line <= (about.endLine ?? about.line));
}

function disputesOf(proposal: Proposal): Dispute[] {
    const names = { left: proposal.target, right: sourceNames(proposal) };
    const inTexts = questions(proposal).map(({ path, conflict, about }): Dispute => {
        const both: Dispute['sides'] = [['both', l10n.t('Take both, {0}’s first', names.left), '']];
        return {
            id: `${path} ${conflict}`,
            label: [path, about.entity ?? conflict].join(', '),
            description: about.reason ?? '',
            icon: { name: 'warning' },
            path,
            conflict,
            about,
            sides: [...sidesOf(names, shown(about.left), shown(about.right)), ...both],
        };
    });
    const whole = (proposal.files ?? []).filter(({ open, conflicts = [] }) => open && conflicts.length === 0);
    return [...inTexts, ...whole.map((file) => wholeOf(file, names))];
}

function wholeOf(file: MergeFile, names: Names): Dispute {
    const there = (version: unknown) => (version ? '' : l10n.t('the file is gone'));
    return {
        id: file.path,
        label: file.path,
        description: file.reason ?? file.kind ?? '',
        icon: { name: 'warning' },
        path: file.path,
        sides: sidesOf(names, there(file.left), there(file.right)),
    };
}

interface Names {
    readonly left: string;
    readonly right: string;
}

function sidesOf(names: Names, left: string, right: string): Dispute['sides'] {
    return [
        ['left', l10n.t('Take what {0} has', names.left), left],
        ['right', l10n.t('Take what {0} has', names.right), right],
    ];
}

/** A version of a conflict in one line. */
function shown(text: string | undefined): string {
    return text?.trim() ? text.trim().replaceAll(/\s+/g, ' ') : l10n.t('nothing');
}
