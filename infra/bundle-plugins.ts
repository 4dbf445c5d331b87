import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

/** What Bolt loads only to serve HTTP or a socket by itself; a function behind a queue never calls any of it. */
const UNUSED_PACKAGES = ['express', 'raw-body', 'path-to-regexp', '@slack/oauth', '@slack/socket-mode'];
const UNUSED_RECEIVERS = ['AwsLambda', 'Express', 'HTTP', 'SocketMode'];

/**
 * Leaves Bolt's receivers, and the packages that only they use, out of a bundle: 1.5 MB and 80 ms of cold start.
 * Whatever touches one of them throws and names it.
 */
export const withoutBoltReceivers: Plugin = {
  name: 'without-bolt-receivers',
  setup(build) {
    const packages = new RegExp(`^(?:${UNUSED_PACKAGES.join('|')})(?:/|$)`);
    const receivers = new RegExp(`^\\./receivers/(?:${UNUSED_RECEIVERS.join('|')})Receiver$`);
    build.onResolve({ filter: packages }, ({ path }) => ({ path, namespace: 'left-out' }));
    build.onResolve({ filter: receivers }, ({ path, importer }) =>
      /[\\/]@slack[\\/]bolt[\\/]/.test(importer) ? { path, namespace: 'left-out' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({ loader: 'js', contents: refuse(path) }));
  },
};

/** Source of a CommonJS module that may be imported and extended, and throws when any of it is called or constructed. */
function refuse(name: string): string {
  const message = `${name} is left out of this bundle (infra/bundle-plugins.ts)`;
  return `
    const refuse = () => { throw new Error(${JSON.stringify(message)}); };
    const own = (key) => typeof key === 'symbol' || key === 'prototype' || key === '__esModule' || key === 'then';
    module.exports = new Proxy(function () {}, {
      apply: refuse,
      construct: refuse,
      get: (target, key) => (own(key) ? target[key] : module.exports),
    });
  `;
}

const BUILTIN = new RegExp(`^(?:node:)?(?:${builtinModules.map((name) => name.replaceAll('/', '\\/')).join('|')})$`);

/**
 * Takes Node's built-in modules without their ES module facade. The facade of `node:http` reads every export, which
 * loads undici: over 20 ms of each cold start on Node 24.
 */
export const builtinsWithoutFacade: Plugin = {
  name: 'builtins-without-facade',
  setup(build) {
    build.onResolve({ filter: BUILTIN }, ({ path }) => ({
      path: path.replace(/^node:/, ''),
      namespace: 'builtin',
    }));
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      loader: 'js',
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)});`,
    }));
  },
};

/**
 * The same for what is imported, without the helpers for CommonJS: 0.4 kB of a zip. Only what is named is read, and once. What
 * is required is left to `builtinsWithoutFacade`.
 */
export const namesOfBuiltins: Plugin = {
  name: 'names-of-builtins',
  setup(build) {
    build.onResolve({ filter: BUILTIN }, ({ path, kind }) =>
      kind === 'import-statement' ? { path: path.replace(/^node:/, ''), namespace: 'names-of-builtin' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'names-of-builtin' }, ({ path }) => ({
      loader: 'js',
      contents: [
        `const $builtin = process.getBuiltinModule(${JSON.stringify(`node:${path}`)}), $read = (name) => $builtin[name];`,
        'export default $builtin;',
        ...Object.keys(process.getBuiltinModule(path) ?? {})
          .filter((name) => /^[a-z]\w*$/i.test(name))
          .map((name) => `export const ${name} = /* @__PURE__ */ $read('${name}');`),
      ].join('\n'),
    }));
  },
};

/**
 * Takes the AWS SDK's credentials from the environment alone, where Lambda puts them: the other providers (STS, SSO, profiles,
 * instance metadata, processes, sign-in) with their clients are 260 kB that no function ever calls.
 */
export const credentialsOfEnvironment: Plugin = {
  name: 'credentials-of-environment',
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: 'environment-only',
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /.*/, namespace: 'environment-only' }, ({ pluginData }) => ({
      loader: 'js',
      resolveDir: String(pluginData),
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
    }));
  },
};
