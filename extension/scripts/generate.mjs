// Writes src/wire.ts from ../protocol/anvcs.schema.json; with --check only says whether it is stale.
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../../protocol/anvcs.schema.json', import.meta.url);
const target = new URL('../src/wire.ts', import.meta.url);

const capitalized = (word) => word[0].toUpperCase() + word.slice(1);
/** A verb in TypeScript: `op.log` is `OpLog`. */
const typeName = (verb) => verb.split('.').map(capitalized).join('');
/** A verb as a property. */
const key = (verb) => (verb.includes('.') ? `'${verb}'` : verb);
const indented = (text) => text.replaceAll(/^(?=.)/gm, '    ');

/** A doc comment in Markdown (the descriptions are reStructuredText), or nothing. */
function comment(text) {
    return text ? `/** ${text.replaceAll('``', '`').replaceAll('*/', '*\\/').replaceAll('\n', '\n * ')} */\n` : '';
}

/** The schema without its "or null": the server leaves out what is null, so absence is the only form a reader meets. */
function withoutNull(schema) {
    if (schema.anyOf?.length !== 2 || schema.anyOf[1].type !== 'null') {
        return schema;
    }
    const { anyOf, ...rest } = schema;
    return { ...anyOf[0], ...rest };
}

const PRIMITIVES = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' };

/** The TypeScript type of a schema; a form we do not know is an error, never `any`. */
function typeOf(schema) {
    if (schema.$ref) {
        return schema.$ref.replace('#/$defs/', '');
    }
    if (schema.enum) {
        return schema.enum.map((value) => `'${value}'`).join(' | ');
    }
    if (schema.anyOf) {
        return schema.anyOf.map(typeOf).join(' | ');
    }
    if (schema.prefixItems) {
        const items = schema.prefixItems.map((item, index) => typeOf(item) + (index < schema.minItems ? '' : '?'));
        return `readonly [${items.join(', ')}]`;
    }
    if (schema.type === 'array') {
        return `readonly ${/[ |]/.test(typeOf(schema.items)) ? `(${typeOf(schema.items)})` : typeOf(schema.items)}[]`;
    }
    if (schema.type === 'object') {
        const values = schema.additionalProperties ? typeOf(schema.additionalProperties) : 'unknown';
        return `Record<string, ${values}>`;
    }
    const primitive = PRIMITIVES[schema.type];
    if (!primitive) {
        throw new Error(`No TypeScript for ${JSON.stringify(schema)}`);
    }
    return primitive;
}

/** The declaration of one named type. */
function declaration([name, schema]) {
    if (!schema.properties) {
        return `${comment(schema.description)}export type ${name} = ${typeOf(schema)};`;
    }
    const fields = Object.entries(schema.properties).map(([field, value]) => {
        const required = schema.required?.includes(field);
        const type = withoutNull(value);
        return `${comment(type.description)}readonly ${field}${required ? '' : '?'}: ${typeOf(type)};\n`;
    });
    return `${comment(schema.description)}export interface ${name} {\n${indented(fields.join(''))}}`;
}

/** A notification's name in TypeScript: `anvcs/history/changed` is `HistoryChanged`. */
const nameOf = (method) => method.split('/').slice(1).map(capitalized).join('');

/** The text of src/wire.ts. */
function generate(schema) {
    const { version, requests, commands, notifications, errors, $defs } = schema;
    const requestTypes = Object.entries(requests).map(
        ([method, { verb, params, result, description }]) =>
            `${comment(description)}export const ${typeName(verb)}Request = new RequestType<${params}, ${result}, Problem>('${method}');`,
    );
    const exchangeTypes = Object.entries({ ...schema.editorRequests, ...schema.serverRequests }).map(
        ([method, { params, result, description }]) =>
            `${comment(description)}export const ${nameOf(method)}Request = new RequestType<${params}, ${result}, Problem>('${method}');`,
    );
    const notificationTypes = Object.entries({ ...notifications, ...schema.editorNotifications }).map(
        ([method, { params, description }]) =>
            `${comment(description)}export const ${nameOf(method)}Notification = new NotificationType<${params}>('${method}');`,
    );
    const verbs = Object.values(commands).map(
        ({ verb, params, result, description }) =>
            `${comment(description)}${key(verb)}: { params: ${params}; result: ${result} };\n`,
    );
    const commandNames = Object.entries(commands).map(([command, { verb }]) => `${key(verb)}: '${command}',\n`);
    const codes = Object.entries(errors).map(([code, description]) => `${comment(description)}| '${code}'\n`);
    return `// Generated from protocol/anvcs.schema.json by scripts/generate.mjs: do not edit.
import { NotificationType, RequestType } from 'vscode-jsonrpc';

/** The protocol this extension speaks; the server's must be equal. */
export const PROTOCOL_VERSION = ${version};

${Object.entries($defs).map(declaration).join('\n\n')}

${[...requestTypes, ...exchangeTypes, ...notificationTypes].join('\n\n')}

/** What every verb takes and answers. */
export interface Verbs {
${indented(verbs.join(''))}}

/** The command the server registers for each verb. */
export const VERB_COMMANDS = {
${indented(commandNames.join(''))}} as const satisfies Record<keyof Verbs, string>;

/** Every code a Problem can carry; a newer server may know more. */
export type ErrorCode =
${indented(codes.join('')).trimEnd()};
`;
}

const text = generate(JSON.parse(readFileSync(source, 'utf8')));
if (process.argv.includes('--check')) {
    if (readFileSync(target, 'utf8') !== text) {
        console.error('src/wire.ts is stale: run `npm run generate` in extension/.');
        process.exitCode = 1;
    }
} else {
    writeFileSync(target, text);
}
