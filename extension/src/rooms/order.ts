/**
 * Keeps what is sent about a document in order, while it is found out whether a change left it with unsaved changes.
 *
 * VS Code tells a change first and only then that the document is dirty now, in an event without changes. So the first
 * key in a saved document looks like a reload from disk, until that event comes, or an answer of the editor's main
 * thread shows that it does not.
 */

/** What is known of a change when it happens. */
export interface Change {
    readonly dirty: boolean;
    readonly reason?: 'undo' | 'redo' | undefined;
}

interface Waiting {
    decide(dirty: boolean): void;
}

/** The order of one editor's messages, by document. */
export class MessageOrder {
    private readonly tails = new Map<string, Promise<unknown>>();
    private readonly waiting = new Map<string, Waiting>();

    /** @param settled resolves once the main thread has said all that it knew when it was called. */
    constructor(private readonly settled: () => PromiseLike<unknown>) {}

    /** A change of a document's text: sends it, after all before it, with whether it left unsaved changes. */
    change(key: string, { dirty, reason }: Change, send: (dirty: boolean) => Promise<void>): Promise<void> {
        // A document that becomes dirty says so before its next change.
        this.decide(key, dirty);
        if (dirty || reason) {
            return this.after(key, () => send(dirty));
        }
        const decided = this.ask(key);
        return this.after(key, async () => send(await decided), true);
    }

    /** The document says that it has unsaved changes now. */
    becameDirty(key: string): void {
        this.decide(key, true);
    }

    /** Does something after all that waits to be sent; at once if nothing does. */
    after<T>(key: string, work: () => Promise<T>, waits = false): Promise<T> {
        const before = this.tails.get(key);
        if (!before && !waits) {
            return work();
        }
        const done = before ? before.then(work) : work();
        const tail = done
            .catch(() => undefined)
            .then(() => {
                if (this.tails.get(key) === tail) {
                    this.tails.delete(key);
                }
            });
        this.tails.set(key, tail);
        return done;
    }

    private ask(key: string): Promise<boolean> {
        return new Promise((resolve) => {
            const waiting: Waiting = {
                decide: (dirty) => {
                    if (this.waiting.get(key) === waiting) {
                        this.waiting.delete(key);
                    }
                    resolve(dirty);
                },
            };
            this.waiting.set(key, waiting);
            const nothingCame = () => waiting.decide(false);
            this.settled().then(nothingCame, nothingCame);
        });
    }

    private decide(key: string, dirty: boolean): void {
        this.waiting.get(key)?.decide(dirty);
    }
}
