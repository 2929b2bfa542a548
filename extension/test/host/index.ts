/** The entry that VS Code calls in its extension host: runs the tests beside it and reports as JSON. */
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

/** How one test went. */
interface Result {
    readonly ok: boolean;
    readonly title: string;
    readonly ms: number;
    readonly error?: string;
}

const TIMEOUT_MS = 30_000;

/** Runs every test; rejects if one fails. The report's path comes from ANVCS_TEST_REPORT. */
export async function run(): Promise<void> {
    const mocha = new Mocha({ ui: 'tdd', color: false, timeout: TIMEOUT_MS });
    for (const name of readdirSync(__dirname).filter((each) => each.endsWith('.test.js'))) {
        mocha.addFile(join(__dirname, name));
    }
    const results: Result[] = [];
    const failures = await new Promise<number>((done) => {
        const runner = mocha.run(done);
        runner.on('pass', (test) => results.push({ ok: true, title: test.fullTitle(), ms: test.duration ?? 0 }));
        runner.on('fail', (test, error: Error) => {
            results.push({
                ok: false,
                title: test.fullTitle(),
                ms: test.duration ?? 0,
                error: error.stack ?? error.message,
            });
        });
    });
    report({ failures, results });
    if (failures > 0) {
        throw new Error(`${failures} tests failed.`);
    }
}

/** Writes the report whole or not at all: someone waits for the file to appear. */
function report(content: { failures: number; results: readonly Result[] }): void {
    const path = process.env.ANVCS_TEST_REPORT;
    if (path) {
        writeFileSync(`${path}.part`, JSON.stringify(content, null, 2));
        renameSync(`${path}.part`, path);
    }
}
