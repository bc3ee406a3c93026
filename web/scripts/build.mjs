// Builds web/dist from styles/, scripts/client/, images/ and the npm packages: compressed stylesheets, the
// scripts, the font with its licence, the icon. Each file is named by the hash of its content and has a
// gzip twin; manifest.json maps plain names to built ones. embed.go reads it.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { compile } from "sass";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(web, "dist");
const fontPackage = join(web, "node_modules/@fontsource-variable/atkinson-hyperlegible-next");

// Limits of the first page (bytes before compression); the build fails beyond.
const limits = { "app.css": 45_000, "staff.css": 30_000, "parvis.js": 5_000, "terrain.css": 12_000 };

mkdirSync(dist, { recursive: true });
for (const name of readdirSync(dist)) {
  if (name !== ".keep") rmSync(join(dist, name), { recursive: true });
}

const manifest = {};

// put writes one built file and its gzip twin, and returns its built name.
function put(name, content) {
  const data = Buffer.from(content);
  if (limits[name] && data.length > limits[name]) {
    throw new Error(`${name}: ${data.length} bytes, more than ${limits[name]}`);
  }
  const hash = createHash("sha256").update(data).digest("hex").slice(0, 12);
  const ext = extname(name);
  const built = `${name.slice(0, -ext.length)}.${hash}${ext}`;
  writeFileSync(join(dist, built), data);
  let sent = data.length;
  if (ext !== ".woff2" && ext !== ".png") {
    const small = gzipSync(data, { level: 9 });
    writeFileSync(join(dist, built + ".gz"), small);
    sent = small.length;
  }
  manifest[name] = built;
  console.log(`${built}  ${data.length} bytes, ${sent} sent`);
  return built;
}

put("atkinson.woff2", readFileSync(join(fontPackage, "files/atkinson-hyperlegible-next-latin-wght-normal.woff2")));
copyFileSync(join(fontPackage, "LICENSE"), join(dist, "OFL.txt"));

for (const file of readdirSync(join(web, "styles")).sort()) {
  if (!file.endsWith(".scss") || file.startsWith("_")) continue;
  const { css } = compile(join(web, "styles", file), {
    style: "compressed",
    loadPaths: [join(web, "node_modules"), join(web, "styles")],
    quietDeps: true,
    // Bootstrap 5.3 is written with @import; its parts must share one scope with our settings.
    silenceDeprecations: ["import", "if-function", "global-builtin", "color-functions"],
  });
  const linked = css.replace(/url\("?([a-z0-9.-]+)"?\)/g, (whole, name) => {
    if (!manifest[name]) throw new Error(`${file}: ${name} is not a built file`);
    return `url(${manifest[name]})`;
  });
  put(file.replace(/\.scss$/, ".css"), linked);
}

for (const folder of ["scripts/client", "images"]) {
  for (const file of readdirSync(join(web, folder)).sort()) {
    put(file, readFileSync(join(web, folder, file)));
  }
}

writeFileSync(join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
