/** A stand-in for the `vscode` module in unit tests: just what the modules under test touch. */

/** Fills in `{0}` …, as the real one does for English. */
function t(text: string, ...values: readonly (string | number)[]): string {
    return text.replaceAll(/\{(\d+)\}/g, (_, index) => String(values[Number(index)]));
}

export const l10n = { t };

/** A uri's parts, with the real one's string form for the simple cases used here. */
export class Uri {
    private constructor(
        readonly scheme: string,
        readonly path: string,
        readonly query: string,
    ) {}

    static from({ scheme, path, query = '' }: { scheme: string; path: string; query?: string }): Uri {
        return new Uri(scheme, path, query);
    }

    toString(): string {
        return `${this.scheme}:${this.path}${this.query && `?${this.query}`}`;
    }
}

export const env = { appName: 'VS Code', language: 'en' };
export const version = '1.91.0';

/** A place in a text. */
export class Position {
    constructor(
        readonly line: number,
        readonly character: number,
    ) {}
}

/** A part of a text. */
export class Range {
    readonly start: Position;

    constructor(line: number, character: number) {
        this.start = new Position(line, character);
    }
}

/** What is selected, in document order. */
export class Selection {
    readonly end: Position;

    constructor(
        readonly anchor: Position,
        readonly active: Position,
    ) {
        const isForward =
            anchor.line < active.line || (anchor.line === active.line && anchor.character <= active.character);
        this.end = isForward ? active : anchor;
    }
}

export const TextEditorSelectionChangeKind = { Keyboard: 1, Mouse: 2 };

/** A message to a language model. */
export const LanguageModelChatMessage = { User: (content: string) => ({ role: 1, content }) };

/** What was shown and run, and how the user answers, for tests. */
export const screen = {
    shown: [] as { readonly text: string; readonly buttons: readonly string[]; readonly warning: boolean }[],
    /** The rows of each quick pick. */
    picked: [] as string[][],
    answers: [] as string[],
    /** Why what was typed last is not taken. */
    refused: undefined as string | undefined,
    /** Lists that stay open. */
    lists: [] as QuickPick[],
    commands: [] as unknown[][],
    /** What a command does, beside being noted. */
    run: (): unknown => undefined,
    /** The editor that has the focus. */
    editor: undefined as { readonly document: { readonly uri: Uri }; readonly selection: Selection } | undefined,
    /** Open documents. */
    documents: [] as { readonly uri: Uri; readonly isDirty: boolean }[],
    /** Texts of documents, by uri. */
    texts: new Map<string, string>(),
};

async function show(text: string, buttons: readonly string[], warning: boolean): Promise<string | undefined> {
    screen.shown.push({ text, buttons, warning });
    return screen.answers.shift();
}

/** A list that is open until a test chooses, hides or refills it. */
export class QuickPick {
    title = '';
    placeholder = '';
    items: readonly { readonly label: string; readonly row?: { readonly id: string } }[] = [];
    activeItems: readonly { readonly row?: { readonly id: string } }[] = [];
    isDisposed = false;
    accept: () => void = () => undefined;
    hide: () => void = () => undefined;

    onDidAccept(listener: () => void): void {
        this.accept = listener;
    }

    onDidHide(listener: () => void): void {
        this.hide = listener;
    }

    show(): void {
        screen.lists.push(this);
    }

    dispose(): void {
        this.isDisposed = true;
    }
}

/** Tells its listeners, at once. */
export class EventEmitter<T> {
    private readonly listeners = new Set<(value: T) => void>();
    readonly event = (listener: (value: T) => void): Disposable => {
        this.listeners.add(listener);
        return new Disposable(() => this.listeners.delete(listener));
    };

    fire(value: T): void {
        for (const listener of this.listeners) {
            listener(value);
        }
    }

    dispose(): void {
        this.listeners.clear();
    }
}

export class Disposable {
    static from(...all: readonly { dispose(): unknown }[]): Disposable {
        return new Disposable(() => all.map((each) => each.dispose()));
    }

    constructor(readonly dispose: () => unknown) {}
}

export class FileSystemError extends Error {}

export const FileType = { File: 1 };
export const FileChangeType = { Changed: 1 };
export const TextDocumentSaveReason = { Manual: 1, AfterDelay: 2, FocusOut: 3 };

/** Fires before a document is saved. */
export const willSave = new EventEmitter<{ readonly document: { readonly uri: Uri }; readonly reason: number }>();

/** Fires once a document is saved. */
export const didSave = new EventEmitter<object>();

export const QuickPickItemKind = { Separator: -1 };
export const ProgressLocation = { Notification: 15 };
export const window = {
    get activeTextEditor() {
        return screen.editor;
    },
    showInformationMessage: (text: string, ...buttons: string[]) => show(text, buttons, false),
    showInputBox: async ({ validateInput }: { validateInput?: (text: string) => string | undefined }) => {
        const answer = screen.answers.shift();
        screen.refused = answer === undefined ? undefined : validateInput?.(answer);
        return screen.refused === undefined ? answer : undefined;
    },
    createQuickPick: () => new QuickPick(),
    showErrorMessage: (text: string, ...buttons: string[]) => show(text, buttons, true),
    showQuickPick: async (items: readonly { readonly label: string; readonly description: string }[]) => {
        screen.picked.push(items.map(({ label, description }) => `${label} ${description}`.trim()));
        const answer = screen.answers.shift();
        return items.find(({ label }) => label === answer);
    },
    showWarningMessage: (text: string, ...buttons: string[]) => show(text, buttons, true),
    withProgress: <T>(_: unknown, work: (report: unknown, token: unknown) => Promise<T>) => work({}, {}),
};
export const commands = {
    executeCommand: async (...args: unknown[]) => {
        screen.commands.push(args);
        screen.run();
    },
};
export const workspace = {
    get textDocuments() {
        return screen.documents;
    },
    onWillSaveTextDocument: willSave.event,
    onDidSaveTextDocument: didSave.event,
    registerFileSystemProvider: () => new Disposable(() => undefined),
    openTextDocument: async (uri: Uri) => ({ getText: () => screen.texts.get(String(uri)) ?? '' }),
};

/** Open results of merges, for tests that are not about these. */
export const RESULTS = {
    shown: () => undefined,
    end: async <T>(_: string, how: () => Promise<T>): Promise<T> => how(),
};
