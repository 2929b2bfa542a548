/** Asking a language model about a conflict: the suggestion is seen beside what is there before it is applied. */
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { LanguageClient, Middleware } from 'vscode-languageclient/node';
import { fileAt, type LocalDocuments } from '../documents.js';
import { type Command, folderOf, pick, tell } from '../history/actions.js';
import type { Row, Target } from '../history/row.js';
import { type Action, withProgress } from '../notify.js';
import { localProblem, ProblemError } from '../problem.js';
import type { ClientPart } from '../server/server.js';
import { AssistCompleteRequest, type MergeConflict, type Proposal, type Suggestion, VERB_COMMANDS } from '../wire.js';
import { disputed, settle } from './deciding.js';
import { complete, type Models } from './models.js';
import type { MergeContext } from './steps.js';
import { describeSuggestion, type Question, questions, withSuggestion } from './suggestions.js';

/** What asking stands on. */
export interface AssistContext extends MergeContext {
    readonly documents: LocalDocuments;
}

/** Our commands for those that the server's quick fixes run. */
const SHOWN: ReadonlyMap<string, string> = new Map([
    [VERB_COMMANDS['proposal.assist'], 'anvcs.proposal.suggest'],
    [VERB_COMMANDS['proposal.resolve'], 'anvcs.proposal.resolve'],
]);

/** Lets the server ask the editor's own model, if the user switched that on; shows what its quick fixes ask for. */
export class AssistPart implements ClientPart {
    readonly middleware: Middleware = {
        // Any editor can run the server's commands; here what comes of them is shown.
        executeCommand: (command, args, next) => {
            const ours = SHOWN.get(command);
            return ours === undefined ? next(command, args) : vscode.commands.executeCommand(ours, args[0]);
        },
    };

    constructor(
        private readonly models: Models | undefined,
        private readonly setting: <T>(name: string, otherwise: T) => T,
    ) {}

    initializationOptions() {
        return { assist: { complete: this.models !== undefined && this.setting('enabled', false) } };
    }

    attach(client: Pick<LanguageClient, 'onRequest'>): void {
        client.onRequest(AssistCompleteRequest, (params, token) => {
            // The setting may have been switched off since the server was told.
            if (!this.models || !this.setting('enabled', false)) {
                throw new Error(l10n.t('Asking a language model is switched off (anvcs.assist.enabled).'));
            }
            return complete(this.models, this.setting('model', ''), params, token);
        });
    }
}

/** Every command of this file, by its id. */
export function assistCommands(context: AssistContext): Record<string, Command> {
    return {
        'anvcs.proposal.suggest': (target) => suggest(context, target),
    };
}

async function suggest(context: AssistContext, target?: Target): Promise<unknown> {
    const question = await questionOf(context, target);
    if (!question) {
        return undefined;
    }
    const { path } = question;
    const result = await withProgress(l10n.t('Asking about {0}', path), (token, report) =>
        context.server.execute('proposal.assist', { ...question }, token, report),
    );
    const [asked] = result.asked ?? [];
    if (asked?.problem) {
        throw new ProblemError(asked.problem);
    }
    const suggestion = asked?.suggestion;
    if (!suggestion) {
        return undefined;
    }
    if (suggestion.text === undefined) {
        void tell(context, describeSuggestion(suggestion), true);
        return result;
    }
    await compare(context, result.proposal, question, suggestion);
    const choice = { ...question, take: 'suggestion', suggestion: suggestion.suggestionId } as const;
    const apply: Action = { label: l10n.t('Apply'), run: () => settle(context, choice) };
    const discard: Action = { label: l10n.t('Discard'), run: () => undefined };
    const text = describeSuggestion(suggestion);
    const about = conflictOf(result.proposal, question);
    const where = `${path}, ${about?.entity ?? question.conflict}`;
    // The first button is the one that stands out.
    const answers = suggestion.safe ? [apply, discard] : [discard, apply];
    void tell(context, `${where}: ${text}`, !suggestion.safe, ...answers);
    return result;
}

/** The conflict that is meant: what the code action says, else what the user chooses. */
async function questionOf(context: AssistContext, target?: Target): Promise<Question | undefined> {
    const given = target as Partial<Question> | undefined;
    if (given?.proposal !== undefined && given.path !== undefined && given.conflict !== undefined) {
        const { proposal, path, conflict, folder } = given;
        return { proposal, path, conflict, ...(folder !== undefined && { folder }) };
    }
    const folder = await folderOf(context, target);
    if (folder === undefined) {
        return undefined;
    }
    const proposal = await disputed(context, folder, given?.proposal);
    const open = proposal ? questions(proposal, folder) : [];
    if (open.length === 0) {
        throw localProblem('proposal', l10n.t('Nothing is in conflict that a language model could be asked about.'));
    }
    const rows = open.map(({ path, conflict, about }): Row & { readonly question: Question } => ({
        id: `${path} ${conflict}`,
        label: `${path}, ${about.entity ?? conflict}`,
        description: about.reason ?? '',
        icon: { name: 'warning' },
        question: { proposal: proposal?.proposalId ?? '', path, conflict, folder },
    }));
    const chosen = rows.length === 1 ? rows[0] : await pick(rows, l10n.t('Choose the conflict to ask about'));
    return (chosen as (typeof rows)[number] | undefined)?.question;
}

/** Shows the result as it is beside the result with the suggestion in it. */
async function compare(
    { documents }: AssistContext,
    proposal: Proposal,
    question: Question,
    { text = '', suggestionId, model }: Suggestion,
): Promise<void> {
    const { path, folder } = question;
    const about = conflictOf(proposal, question);
    if (!about || proposal.tree === undefined) {
        return;
    }
    const before = fileAt(`tree:${proposal.tree}`, path, folder);
    const whole = (await vscode.workspace.openTextDocument(before)).getText();
    const after = documents.hold(`${suggestionId.slice(3, 11)}/${path}`, withSuggestion(whole, about, text));
    const name = path.split('/').at(-1) ?? path;
    await vscode.commands.executeCommand('vscode.diff', before, after, l10n.t('{0} (as {1} suggests)', name, model));
}

function conflictOf({ files = [] }: Proposal, { path, conflict }: Question): MergeConflict | undefined {
    return files.find((file) => file.path === path)?.conflicts?.find(({ number }) => number === conflict);
}
