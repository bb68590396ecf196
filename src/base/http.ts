/**
 * node:http without what an `import` of it loads besides: undici, for globals that nothing here uses, at a cost of 35 ms of
 * processor time in every command.
 */
export const http = process.getBuiltinModule("node:http");
