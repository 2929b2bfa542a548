// For tests only: lets a test ask the extension host what no screen shows, such as the whole text of a document.
const { createServer } = require('node:http');
const { writeFileSync, renameSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');

/** What documents went through, for tests that ask. */
const events = [];

exports.activate = (context) => {
    const folder = process.env.ANVCS_TEST_PROBES;
    if (!folder) {
        return;
    }
    const server = createServer((request, response) => {
        const parts = [];
        request.on('data', (part) => parts.push(part));
        request.on('end', () => answer(Buffer.concat(parts).toString(), response));
    });
    server.listen(0, '127.0.0.1', () => {
        const path = join(folder, `${process.pid}.json`);
        writeFileSync(`${path}.new`, JSON.stringify({ port: server.address().port, pid: process.pid }));
        renameSync(`${path}.new`, path);
    });
    context.subscriptions.push({ dispose: () => server.close() }, ...record());
};

async function answer(body, response) {
    const run = new (Object.getPrototypeOf(answer).constructor)('vscode', 'events', 'require', body);
    const result = await run(vscode, events, require).then(
        (value) => ({ value: value ?? null }),
        (error) => ({ error: String(error?.stack ?? error) }),
    );
    response.end(JSON.stringify(result));
}

function record() {
    const name = ({ uri }) => uri.path.split('/').at(-1);
    return [
        vscode.workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
            if (document.uri.scheme === 'file') {
                events.push({
                    kind: 'change',
                    file: name(document),
                    version: document.version,
                    dirty: document.isDirty,
                    reason: reason ?? null,
                    changes: contentChanges.map(({ rangeOffset, rangeLength, text }) => [rangeOffset, rangeLength, text]),
                });
            }
        }),
        vscode.workspace.onWillSaveTextDocument(({ document, reason }) =>
            events.push({ kind: 'willSave', file: name(document), version: document.version, reason }),
        ),
        vscode.workspace.onDidSaveTextDocument((document) =>
            events.push({ kind: 'didSave', file: name(document), version: document.version }),
        ),
    ];
}
