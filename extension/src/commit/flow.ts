/** The way from "Commit" to a commit: questions in order, each with a way back, and nothing done before all are answered. */
import { l10n } from 'vscode';
import { hasCode, localProblem } from '../problem.js';
import type { CommitParams, CommitResult, Metadata, RepositoryStatus } from '../wire.js';

/** What the caller of the command already knows; a message means that nothing is asked. */
export interface CommitArguments {
    readonly folder?: string;
    readonly message?: string;
    readonly prompt?: string;
    readonly model?: string;
    readonly agent?: string;
    readonly paths?: readonly string[];
    readonly amend?: boolean;
}

/** One question of the sequence. */
export interface Question {
    readonly title: string;
    readonly prompt: string;
    readonly placeholder: string;
    readonly value: string;
    readonly step: number;
    readonly steps: number;
    /** Says what is wrong with an answer; undefined if nothing is. */
    readonly validate: (value: string) => string | undefined;
}

/** An answer, a step back, or (undefined) the end of it all. */
export type Answer = { readonly value: string } | 'back' | undefined;

/** What to do about unsaved editors. */
export type UnsavedChoice = 'save' | 'saved-state' | undefined;

/** The message that waits in the Source Control view's box. */
export interface Draft {
    readonly text: string;
    clear(): void;
}

/** Values that the next commit of this workspace starts from. */
export interface Remembered {
    readonly model: string;
    readonly agent: string;
}

/** The window, the server and the memory, as far as a commit needs them. */
export interface CommitPorts {
    status(): Promise<RepositoryStatus>;
    init(): Promise<unknown>;
    commit(params: CommitParams): Promise<CommitResult>;
    ask(question: Question): Promise<Answer>;
    confirmInit(root: string): Promise<boolean>;
    /** The repository's unsaved editors. */
    unsaved(root: string): number;
    askUnsaved(count: number): Promise<UnsavedChoice>;
    saveAll(root: string): Promise<boolean>;
    draft(root: string): Draft | undefined;
    readonly askForDetails: boolean;
    readonly remembered: Remembered;
    remember(values: Remembered): Promise<void>;
}

/** Leads to a commit; undefined if the user stopped on the way. */
export async function commit(ports: CommitPorts, args: CommitArguments = {}): Promise<CommitResult | undefined> {
    let status = await initialized(ports);
    if (!status) {
        return undefined;
    }
    if (args.message !== undefined) {
        return ports.commit(params(args, args.message));
    }
    const unsaved = ports.unsaved(status.root);
    if (unsaved > 0) {
        const choice = await ports.askUnsaved(unsaved);
        if (!choice || (choice === 'save' && !(await ports.saveAll(status.root)))) {
            return undefined;
        }
        status = await ports.status();
    }
    if (!hasChanges(status)) {
        throw localNothing(status);
    }
    const draft = ports.draft(status.root);
    const answers = await askAll(ports, status, draft);
    if (!answers) {
        return undefined;
    }
    const { message, ...details } = answers;
    if (ports.askForDetails) {
        await ports.remember({ model: details.model, agent: details.agent });
    }
    const result = await ports.commit(params({ ...args, ...details }, message));
    draft?.clear();
    return result;
}

/** The status of a repository that is initialized; undefined if it is not and the user would not. */
async function initialized(ports: CommitPorts): Promise<RepositoryStatus | undefined> {
    let root = '';
    try {
        const status = await ports.status();
        if (status.initialized) {
            return status;
        }
        root = status.root;
    } catch (error) {
        if (!hasCode(error, 'not-initialized')) {
            throw error;
        }
    }
    if (!(await ports.confirmInit(root))) {
        return undefined;
    }
    await ports.init();
    return ports.status();
}

function hasChanges(status: RepositoryStatus): boolean {
    const { staged = [], unstaged = [], untracked = [], unmerged = [] } = status;
    // Concluding a merge may change nothing against the first parent, and is still a commit.
    return status.inProgress !== undefined || [staged, unstaged, untracked, unmerged].some(({ length }) => length > 0);
}

function localNothing(status: RepositoryStatus) {
    return localProblem('nothing-to-commit', l10n.t('There is nothing to commit in {0}.', status.root));
}

/** What the commit will take, in words: what is staged, else every change. */
export function describeSelection(status: RepositoryStatus): string {
    const { staged = [], unstaged = [], untracked = [] } = status;
    const target = status.stream ?? l10n.t('the detached HEAD');
    if (staged.length > 0) {
        return l10n.t('Commits what is staged (files: {0}) to {1}.', staged.length, target);
    }
    return l10n.t(
        'Nothing is staged: commits every change (changed files: {0}, new: {1}) to {2}.',
        unstaged.length,
        untracked.length,
        target,
    );
}

type Answers = Record<'message' | 'prompt' | 'model' | 'agent', string>;

async function askAll(
    ports: CommitPorts,
    status: RepositoryStatus,
    draft: Draft | undefined,
): Promise<Answers | undefined> {
    const [subject = '', ...rest] = draft?.text.trim().split('\n') ?? [];
    const body = rest.join('\n');
    const answers: Answers = { message: subject, prompt: '', ...ports.remembered };
    const questions = questionsFor(status, body.trim() !== '', ports.askForDetails);
    for (let index = 0; index < questions.length; ) {
        const question = questions[index] as Asked;
        const position = { value: answers[question.field], step: index + 1, steps: questions.length };
        const answer = await ports.ask({ ...question, ...position });
        if (answer === undefined) {
            return undefined;
        }
        if (answer === 'back') {
            index = Math.max(0, index - 1);
            continue;
        }
        answers[question.field] = answer.value.trim();
        index += 1;
    }
    answers.agent = actorId(answers.agent);
    answers.message = body.trim() ? `${answers.message}\n${body}` : answers.message;
    return ports.askForDetails ? answers : { ...answers, model: '', agent: '' };
}

type Asked = Omit<Question, 'value' | 'step' | 'steps'> & { readonly field: keyof Answers };

function questionsFor(status: RepositoryStatus, hasBody: boolean, details: boolean): Asked[] {
    const selection = describeSelection(status);
    const message: Asked = {
        field: 'message',
        title: l10n.t('Commit: message'),
        prompt: hasBody
            ? `${selection} ${l10n.t('The further lines of the Source Control box follow it.')}`
            : selection,
        placeholder: l10n.t('What this commit does'),
        validate: (value) => (value.trim() ? undefined : l10n.t('A commit needs a message.')),
    };
    return details ? [message, ...detailQuestions()] : [message];
}

function detailQuestions(): Asked[] {
    const skippable = l10n.t('Optional: may stay empty.');
    const anything = () => undefined;
    return [
        {
            field: 'prompt',
            title: l10n.t('Commit: prompt'),
            prompt: skippable,
            placeholder: l10n.t('What the AI was asked'),
            validate: anything,
        },
        {
            field: 'model',
            title: l10n.t('Commit: model'),
            prompt: skippable,
            placeholder: l10n.t('The model that answered'),
            validate: anything,
        },
        {
            field: 'agent',
            title: l10n.t('Commit: agent'),
            prompt: skippable,
            placeholder: l10n.t('The agent that made the change, such as agent:foo'),
            validate: (value) =>
                ACTOR.test(actorId(value.trim())) || !value.trim()
                    ? undefined
                    : l10n.t('An agent is one word, such as foo or agent:foo.'),
        },
    ];
}

/** An actor's id on the wire. */
const ACTOR = /^(human|agent|system):[^\s:]\S*$/;

/** An agent as people type it, as an actor's id: `foo` is `agent:foo`. */
export function actorId(agent: string): string {
    return agent === '' || /^(human|agent|system):/.test(agent) ? agent : `agent:${agent}`;
}

function params(args: CommitArguments, message: string): CommitParams {
    const { prompt, model, agent } = args;
    const metadata: Metadata = {
        ...(prompt && { prompt }),
        ...(model && { model }),
        ...(agent && { agentId: actorId(agent) }),
    };
    return {
        message,
        ...(args.folder && { folder: args.folder }),
        ...(args.paths?.length && { paths: args.paths }),
        ...(args.amend && { amend: true }),
        ...(Object.keys(metadata).length > 0 && { metadata }),
    };
}

/** What to say about a commit that was made. */
export function describeResult(result: CommitResult): string {
    const id = result.gitCommit.slice(0, 7);
    const { redacted = [], notices = [] } = result;
    const made = result.stream ? l10n.t('Committed {0} to {1}', id, result.stream) : l10n.t('Committed {0}', id);
    const secrets = redacted.length ? [l10n.t('Likely secrets were replaced in: {0}.', redacted.join(', '))] : [];
    return [made, ...secrets, ...notices].join('. ').replaceAll('..', '.');
}
