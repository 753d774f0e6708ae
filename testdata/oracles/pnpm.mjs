// Answers many questions to pnpm 10 or 11 in one process: node pnpm.mjs <node_modules>
//
// pnpm is one file that runs its main function and has no other way in. This loads a copy in which that one call is
// left to us, and makes it for each line of standard input: {"dir": ..., "since": ...}, without since for all projects.
// The answer is a line too: {"out": ..., "failed": ...}.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const dist = path.join(process.argv[2], "pnpm/dist");
const bundle = fs.readdirSync(dist).find((name) => /^pnpm\.[cm]js$/.test(name));
const parts = fs.readFileSync(path.join(dist, bundle), "utf8").split(/await (main\d*)\(argv\);/);
if (parts.length !== 3) throw new Error(`${bundle} calls its main function in ${(parts.length - 1) / 2} places`);
const copy = path.join(dist, `many-${process.pid}${path.extname(bundle)}`);

const answer = process.stdout.write.bind(process.stdout);

globalThis.answerAll = async (main) => {
  fs.rmSync(copy);
  let out = "";
  process.stdout.write = (text) => { out += text; return true; };
  console.log = (...words) => { out += words.join(" ") + "\n"; };
  const environment = { ...process.env };
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const job = JSON.parse(line);
    process.chdir(job.dir);
    for (const name in process.env) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    process.exitCode = 0;
    out = "";
    let failed = "";
    const filter = job.since === undefined ? [] : ["--filter", `...[${job.since}]`];
    try {
      await main(["ls", "-r", "--depth", "-1", "--json", ...filter]);
    } catch (error) {
      failed = String(error.message || error);
    }
    if (process.exitCode) failed ||= `exit code ${process.exitCode}`;
    answer(JSON.stringify({ out, failed }) + "\n");
  }
  process.exitCode = 0;
};

fs.writeFileSync(copy, `${parts[0]}await globalThis.answerAll(${parts[1]});${parts[2]}`);
process.argv = [process.argv[0], "pnpm", "ls"];
await import(pathToFileURL(copy));
