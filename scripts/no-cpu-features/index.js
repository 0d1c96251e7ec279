/**
 * In place of a native module that ssh2 would like to have (see `overrides` in package.json). It must be there when the
 * binary is made: a module that is left out is looked for at run time, and Bun looks in `node_modules` of the current
 * folder, so that whoever owns a synced folder could have code of theirs run.
 */
module.exports = () => undefined;
