// Bundles the libraries of the pages and keeps their licences; `make scripts` runs it in a folder
// where they are installed, and names the folder that the files go to.
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { PurgeCSS } from "purgecss";

const to = process.argv[2];
const settings = {
  bundle: true, minify: true, charset: "utf8", legalComments: "none", logLevel: "warning", metafile: true,
  define: { "process.env.NODE_ENV": '"production"' },
};
// Of Swagger UI: what colours code, looks for links in text, or writes cookies, which no script may
// send. It is an eighth of all.
const without = {
  name: "without",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(react-syntax-highlighter\/.*|remarkable\/linkify|@swaggerexpert\/cookie)$/ }, () => ({ path: "nothing", namespace: "without" }));
    onLoad({ filter: /./, namespace: "without" }, () => ({
      contents: `const nothing = Object.assign(() => "", { registerLanguage() {} });
        export { nothing as default, nothing as linkify, nothing as identity, nothing as serializeCookie,
          nothing as cookieNameLenientValidator, nothing as cookieValueStrictPercentEncoder,
          nothing as cookieValueStrictValidator };`,
    }));
  },
};
const bundles = await Promise.all([
  { entryPoints: ["index.js"], outfile: join(to, "vega.min.js"), format: "iife", globalName: "vegaLite" },
  { entryPoints: ["swagger.js"], outfile: join(to, "swagger.min.js"), format: "iife", plugins: [without] },
  { entryPoints: ["node_modules/swagger-ui/dist/swagger-ui.css"], outfile: join(to, "swagger.min.css") },
].map((bundle) => build({ ...settings, ...bundle })));
const [{ css }] = await new PurgeCSS().purge({ content: [join(to, "swagger.min.js")], css: [join(to, "swagger.min.css")], safelist: ["dark-mode"] });
writeFileSync(join(to, "swagger.min.css"), css);
cpSync("node_modules/htmx.org/dist/htmx.min.js", join(to, "htmx.min.js"));

const files = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs));
const inside = files.flatMap((file) => file.match(/.*node_modules\/(@[^/]+\/)?[^/]+/) ?? []).filter((path) => path?.startsWith("node_modules"));
const licences = [...new Set(["node_modules/htmx.org", ...inside])].sort().map((folder) => {
  const { license, author } = JSON.parse(readFileSync(join(folder, "package.json")));
  const name = readdirSync(folder, { withFileTypes: true }).find((file) => file.isFile() && /^licen[cs]e/i.test(file.name))?.name;
  const text = name ? readFileSync(join(folder, name), "utf8") : `${license}, ${author?.name ?? author ?? "no author named"}`;
  return `${folder.replace(/.*node_modules\//, "")}\n\n${text}`;
});
writeFileSync(join(to, "LICENCES.txt"), licences.join("\n\n\n"));

// What takes compressed files gets these, which no server could make while somebody waits.
for (const name of ["htmx.min.js", "swagger.min.css", "swagger.min.js", "vega.min.js"]) {
  const content = readFileSync(join(to, name));
  const size = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(join(to, `${name}.br`), brotliCompressSync(content, { params: size }));
}
