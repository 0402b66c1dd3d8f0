// Bundles ./entry.js into ../graphiql.min.js and .css, and writes the licences of what is in them.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const { metafile } = await build({
  entryPoints: { "graphiql.min": "entry.js" },
  outdir: "..",
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "Vendored",
  target: "es2020",
  charset: "utf8",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".png": "dataurl", ".svg": "dataurl" },
  metafile: true,
});

const folders = new Set();
for (const path of Object.keys(metafile.inputs)) {
  const found = path.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/);
  if (found) folders.add(found[0]);
}
const packages = new Map();
for (const folder of [...folders].sort()) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, "utf8").trim() : "(names its licence alone)";
  packages.set(text, [...(packages.get(text) ?? []), `${name} ${version}: ${license}`]);
}
const licences = [...packages].map(([text, names]) => `${names.join("\n")}\n\n${text}`);
writeFileSync("../LICENSES.txt", `${licences.join(`\n\n${"-".repeat(72)}\n\n`)}\n`);
