// Answers many questions to Lerna in one process: node lerna.mjs <node_modules> <directory>
//
// A process of lerna's takes most of a second to load its modules. This one loads them once, and then runs the command
// that "lerna ls" runs for each line of standard input: {"dir": ..., "since": ...}, without since for all packages. Lerna and
// Nx keep the workspace's directory from the moment that they are loaded, so each repository is moved to the one given for
// as long as its question takes. The answer is a line too: {"out": ..., "failed": ...}.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, current] = process.argv.slice(2);
fs.mkdirSync(current, { recursive: true });
process.chdir(current);

const require = createRequire(path.join(modules, "from-here.js"));
const context = require(path.join(modules, "nx/dist/src/utils/workspace-context.js"));
const plugins = require(path.join(modules, "nx/dist/src/project-graph/plugins/get-plugins.js"));
const list = await import(pathToFileURL(path.join(modules, "lerna/dist/commands/list/index.js")));
const { ListCommand } = list.ListCommand ? list : list.default;

const answer = process.stdout.write.bind(process.stdout);
process.stdout.end = () => {};
let out = "";
console.log = (...words) => { out += words.join(" ") + "\n"; };

for await (const line of readline.createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  fs.rmSync(current, { recursive: true, force: true });
  fs.renameSync(job.dir, current);
  process.chdir(current);
  context.resetWorkspaceContext();
  plugins.cleanupPlugins();
  out = "";
  let failed = "";
  try {
    await new ListCommand({ _: ["ls"], $0: "lerna", cwd: current, since: job.since, all: true, json: true, loglevel: "silent" });
  } catch (error) {
    failed = String(error.message || error);
  }
  process.exitCode = 0;
  fs.renameSync(current, job.dir);
  answer(JSON.stringify({ out, failed }) + "\n");
}
