/** How often a server that dies is started again. */

/** Allows `most` restarts in any `windowMs`; after that the user decides. */
export class RestartBudget {
    private times: number[] = [];

    constructor(
        private readonly most = 3,
        private readonly windowMs = 3 * 60_000,
    ) {}

    /** Takes one restart out of the budget, if there is one left. */
    take(now = Date.now()): boolean {
        this.times = this.times.filter((time) => now - time < this.windowMs);
        if (this.times.length >= this.most) {
            return false;
        }
        this.times.push(now);
        return true;
    }

    /** Forgets the past: someone started the server by hand. */
    reset(): void {
        this.times = [];
    }
}
