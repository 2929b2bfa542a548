// The hello-world language server of the Node world: what ours is compared with.
const { createConnection, TextDocuments, TextDocumentSyncKind } = require("vscode-languageserver/node");
const { TextDocument } = require("vscode-languageserver-textdocument");

const connection = createConnection(process.stdin, process.stdout);
const documents = new TextDocuments(TextDocument);
const page = JSON.parse(process.env.ANVCS_BENCHMARK_PAGE || "{}");

connection.onInitialize(() => ({ capabilities: { textDocumentSync: TextDocumentSyncKind.Incremental } }));
connection.onRequest("anvcs/repository/status", () => ({ root: "/", initialized: true }));
connection.onRequest("anvcs/graph", () => {
    // The same rows as ours, made once: what is compared is writing and sending them.
    page.rows ||= Array.from({ length: page.count }, () => page.row);
    return { rows: page.rows };
});
connection.onRequest("benchmark/text", ({ uri }) => ({ length: documents.get(uri).getText().length }));
documents.listen(connection);
connection.listen();
