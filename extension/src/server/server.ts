/** The language server's life: found, started, watched, restarted within bounds, stopped clean. */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { NotificationType, RequestType } from 'vscode-jsonrpc';
import {
    CloseAction,
    ErrorAction,
    type ErrorHandler,
    ExecuteCommandRequest,
    LanguageClient,
    type LanguageClientOptions,
    type Middleware,
    RevealOutputChannelOn,
    State,
    WorkDoneProgress,
} from 'vscode-languageclient/node';
import { COMMIT_SCHEME } from '../documents.js';
import type { Report } from '../notify.js';
import { localProblem, ProblemError, problemOf, sentence } from '../problem.js';
import {
    type ForeignChanged,
    type HistoryChanged,
    HistoryChangedNotification,
    HistoryForeignNotification,
    PROTOCOL_VERSION,
    type Problem,
    type ProposalsChanged,
    ProposalsChangedNotification,
    VERB_COMMANDS,
    type Verbs,
} from '../wire.js';
import { type Discovery, type Launch, protocolMismatch } from './discover.js';
import { ServerProcess } from './process.js';
import { RestartBudget } from './restarts.js';

/** What the server is doing, and why it is not running. */
export type ServerState =
    | { readonly kind: 'untrusted' }
    | { readonly kind: 'idle' }
    | { readonly kind: 'starting' }
    | { readonly kind: 'ready'; readonly launch: Launch; readonly version: string }
    | { readonly kind: 'missing'; readonly discovery: Discovery }
    | { readonly kind: 'stopped'; readonly reason: string };

/** Where a running server says what it speaks. */
interface Advertised {
    readonly anvcs?: { readonly version?: number };
}

/** What else takes part in each connection to the server; there before the first message. No two want the same. */
export interface ClientPart {
    readonly middleware: Middleware;
    /** What the server is told of this part when it starts. */
    initializationOptions(): Readonly<Record<string, unknown>>;
    /** Registers what the server may ask and tell. */
    attach(client: LanguageClient): void;
}

/** The client, without pop-ups of its own: what goes wrong is told once, by us. */
class QuietClient extends LanguageClient {
    override error(message: string, data?: unknown): void {
        super.error(message, data, false);
    }
}

/** The one server of this window. */
export class Server implements vscode.Disposable {
    private readonly stateChanged = new vscode.EventEmitter<ServerState>();
    private readonly historyChanged = new vscode.EventEmitter<HistoryChanged>();
    private readonly foreignChanged = new vscode.EventEmitter<ForeignChanged>();
    private readonly proposalsChanged = new vscode.EventEmitter<ProposalsChanged>();
    private readonly budget = new RestartBudget();
    private client: LanguageClient | undefined;
    private process: ServerProcess | undefined;
    private starting: Promise<LanguageClient> | undefined;
    private current: ServerState = { kind: 'idle' };
    private readonly parts: ClientPart[] = [];

    /** Fires with each new state. */
    readonly onDidChangeState = this.stateChanged.event;
    /** Fires when refs, HEAD or notes moved in a repository. */
    readonly onDidChangeHistory = this.historyChanged.event;
    /** Fires when plain Git did something that is an operation now. */
    readonly onForeignChange = this.foreignChanged.event;
    /** Fires when somebody did something to merge proposals, here or elsewhere. */
    readonly onDidChangeProposals = this.proposalsChanged.event;

    constructor(
        private readonly find: () => Promise<Discovery>,
        private readonly cwd: string,
        private readonly log: vscode.LogOutputChannel,
    ) {}

    /** What the server is doing. */
    get state(): ServerState {
        return this.current;
    }

    /** Adds what takes part in every connection from the next start on. */
    use(part: ClientPart): void {
        this.parts.push(part);
    }

    /** The running server, started if need be; throws a problem that says why there is none. */
    async ensure(): Promise<LanguageClient> {
        if (!vscode.workspace.isTrusted) {
            this.enter({ kind: 'untrusted' });
            throw localProblem(
                'untrusted',
                l10n.t('ANVCS does not run in an untrusted workspace.'),
                l10n.t('Trust the workspace to use it.'),
            );
        }
        if (this.client?.state === State.Running && this.current.kind === 'ready') {
            return this.client;
        }
        this.starting ??= this.start().finally(() => {
            this.starting = undefined;
        });
        return this.starting;
    }

    /** Starts the server and keeps quiet about failure: the state tells. */
    async tryStart(): Promise<void> {
        await this.ensure().catch((error: unknown) => this.log.warn(sentence(problemOf(error))));
    }

    /** Stops the server if it runs and starts the one that is found now. */
    async restart(): Promise<void> {
        await this.starting?.catch(() => undefined);
        await this.stop();
        this.budget.reset();
        await this.ensure();
    }

    /** Stops the server. */
    async stop(): Promise<void> {
        await this.release();
        this.enter({ kind: 'idle' });
    }

    /** Sends one of the protocol's requests. */
    async request<P, R>(type: RequestType<P, R, Problem>, params: P, token?: vscode.CancellationToken): Promise<R> {
        const client = await this.ensure();
        // By its name: the client's typed overload wants its parameters' type resolved, and here it is generic.
        // A token that is there but undefined would count as a second parameter, and all would go as a list.
        return token ? client.sendRequest<R>(type.method, params, token) : client.sendRequest<R>(type.method, params);
    }

    /** Tells the server something, if it runs; nobody is told where it does not. */
    async tell<P>(type: NotificationType<P>, params: P): Promise<void> {
        if (this.client?.state === State.Running) {
            await this.client.sendNotification(type.method, params);
        }
    }

    /** Runs a verb as the server's command: every verb can be had this way; `report` is told how far it is. */
    async execute<V extends keyof Verbs>(
        verb: V,
        params: Verbs[V]['params'],
        token?: vscode.CancellationToken,
        report?: Report,
    ): Promise<Verbs[V]['result']> {
        const client = await this.ensure();
        const workDoneToken = report && randomUUID();
        const following = workDoneToken && client.onProgress(WorkDoneProgress.type, workDoneToken, steps(report));
        const request = { command: VERB_COMMANDS[verb], arguments: [params], ...(workDoneToken && { workDoneToken }) };
        try {
            return (await client.sendRequest(ExecuteCommandRequest.type, request, token)) as Verbs[V]['result'];
        } finally {
            if (following) {
                following.dispose();
            }
        }
    }

    dispose(): void {
        this.stateChanged.dispose();
        this.historyChanged.dispose();
        this.foreignChanged.dispose();
        this.proposalsChanged.dispose();
    }

    private async release(): Promise<void> {
        const { client, process } = this;
        this.client = undefined;
        this.process = undefined;
        if (client?.needsStop()) {
            await client.dispose().catch((error: unknown) => this.log.warn(`stopping: ${problemOf(error).message}`));
        }
        await process?.end();
    }

    private async start(): Promise<LanguageClient> {
        await this.release();
        this.enter({ kind: 'starting' });
        const discovery = await this.find();
        for (const { source, where, outcome } of discovery.attempts) {
            this.log.info(`server from ${source}${where && ` (${where})`}: ${outcome}`);
        }
        if (!discovery.launch) {
            this.enter({ kind: 'missing', discovery });
            throw noServer(discovery);
        }
        const client = this.newClient(discovery.launch);
        this.client = client;
        try {
            await client.start();
            this.checkProtocol(client);
        } catch (error) {
            throw await this.failed(discovery.launch, error);
        }
        this.ready(client, discovery.launch);
        return client;
    }

    private ready(client: LanguageClient, launch: Launch): void {
        const version = client.initializeResult?.serverInfo?.version ?? launch.version ?? '';
        this.enter({ kind: 'ready', launch, version });
        this.log.info(`anvcs ${version} is ready (${launch.command})`);
    }

    private checkProtocol(client: LanguageClient): void {
        const advertised = client.initializeResult?.capabilities.experimental as Advertised | undefined;
        const protocol = advertised?.anvcs?.version ?? 0;
        if (protocol !== PROTOCOL_VERSION) {
            const version = client.initializeResult?.serverInfo?.version ?? '?';
            throw localProblem('server-failed', protocolMismatch(version, protocol));
        }
    }

    private async failed(launch: Launch, error: unknown): Promise<ProblemError> {
        const running = this.process;
        await this.release();
        // What it said itself says more than what its end did to the connection.
        const own = error instanceof ProblemError ? undefined : await running?.lastWords();
        const reason = l10n.t('The server {0} did not start: {1}', launch.command, own ?? problemOf(error).message);
        this.enter({ kind: 'stopped', reason });
        return localProblem('server-failed', reason, l10n.t('The log has the details; the doctor may know more.'));
    }

    private newClient(launch: Launch): LanguageClient {
        const run = async () => {
            this.process = new ServerProcess(launch, this.cwd);
            return this.process.child;
        };
        const options: LanguageClientOptions = {
            // Hovers and quick fixes are for files at a commit and results of merges too.
            documentSelector: [{ scheme: 'file' }, { scheme: COMMIT_SCHEME }],
            outputChannel: this.log,
            revealOutputChannelOn: RevealOutputChannelOn.Never,
            errorHandler: this.errorHandler(),
            initializationFailedHandler: () => false,
            initializationOptions: {
                anvcs: Object.assign({}, ...this.parts.map((each) => each.initializationOptions())),
            },
            middleware: Object.assign({}, ...this.parts.map(({ middleware }) => middleware)) as Middleware,
        };
        const client = new QuietClient('anvcs', 'ANVCS', run, options);
        client.onNotification(HistoryChangedNotification, (change) => this.historyChanged.fire(change));
        client.onNotification(HistoryForeignNotification, (change) => this.foreignChanged.fire(change));
        client.onNotification(ProposalsChangedNotification, (change) => this.proposalsChanged.fire(change));
        for (const part of this.parts) {
            part.attach(client);
        }
        return client;
    }

    private errorHandler(): ErrorHandler {
        return {
            error: (error) => {
                this.log.error(error.message);
                return { action: ErrorAction.Continue, handled: true };
            },
            closed: () => {
                // An end while it starts is told by the start itself.
                if (this.current.kind === 'ready') {
                    void this.revive();
                }
                return { action: CloseAction.DoNotRestart, handled: true };
            },
        };
    }

    /** Starts again after an end that nobody asked for, unless that happened too often. */
    private async revive(): Promise<void> {
        this.enter({ kind: 'starting' });
        const why = (await this.process?.lastWords()) ?? '';
        if (this.budget.take()) {
            this.log.warn(l10n.t('The server ended: {0}', why));
            await this.tryStart();
        } else {
            await this.release();
            this.enter({ kind: 'stopped', reason: l10n.t('The server ended too often: {0}', why) });
        }
    }

    private enter(state: ServerState): void {
        this.current = state;
        this.stateChanged.fire(state);
        void vscode.commands.executeCommand('setContext', 'anvcs.serverReady', state.kind === 'ready');
        void vscode.commands.executeCommand('setContext', 'anvcs.server', state.kind);
    }
}

/** Passes the server's progress on, in words: each phase counts from zero, which a bar cannot show. */
function steps(report: Report) {
    return ({ message = '', percentage }: { readonly message?: string; readonly percentage?: number }) =>
        report.report({ message: !percentage ? message : `${message} ${percentage} %` });
}

function noServer(discovery: Discovery): ProblemError {
    const [first] = discovery.attempts;
    if (first?.source === 'setting') {
        return localProblem(
            'no-server',
            l10n.t('The server of the setting anvcs.server.path ({0}) cannot be used: {1}', first.where, first.outcome),
            l10n.t('Correct the setting, or clear it.'),
        );
    }
    return localProblem('no-server', l10n.t('The ANVCS server was not found.'), l10n.t('Set it up, or choose one.'));
}
