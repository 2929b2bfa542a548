/** What language models suggest, as texts and sentences. */
import { l10n } from 'vscode';
import type { MergeConflict, Proposal, Suggestion } from '../wire.js';

/** A conflict that a model can be asked about. */
export interface Question {
    readonly proposal: string;
    readonly path: string;
    readonly conflict: number;
    /** As the request that gave the proposal named it. */
    readonly folder?: string;
}

/** The conflicts of a proposal that nobody has decided. */
export function questions(proposal: Proposal, folder?: string): (Question & { readonly about: MergeConflict })[] {
    return (proposal.files ?? []).flatMap(({ path, conflicts = [], open }) =>
        conflicts
            .filter(({ resolved }) => open && !resolved)
            .map((about) => ({
                proposal: proposal.proposalId,
                path,
                conflict: about.number,
                about,
                ...(folder !== undefined && { folder }),
            })),
    );
}

/** A result's text with a suggestion in the place of the conflict's lines; line ends stay. */
export function withSuggestion(text: string, { line, endLine = line }: MergeConflict, suggested: string): string {
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    const before = lines.slice(0, line - 1).join('');
    const after = lines.slice(endLine).join('');
    const ended = !suggested || suggested.endsWith('\n') || !after ? suggested : `${suggested}\n`;
    return `${before}${ended}${after}`;
}

/** Who suggests something, why, and what guards find in it. */
export function describeSuggestion({ model, text, rationale = '', findings = [] }: Suggestion): string {
    if (text === undefined) {
        return l10n.t('{0} could not decide: {1}', model, rationale);
    }
    const hard = findings.filter(({ severity }) => severity === 'hard').map(({ message }) => message);
    const said = rationale ? l10n.t('{0} suggests this: {1}', model, rationale) : l10n.t('{0} suggests this.', model);
    return hard.length ? `${said} ${l10n.t('It is not safe: {0}', hard.join(' '))}` : said;
}
