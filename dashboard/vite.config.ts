import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const HERE = dirname(new URL(import.meta.url).pathname);
const OUT = "../fitness/dashboard";
const PUBLIC = join(HERE, "public");
const WORKER = join(HERE, "worker.js");

/** Maps the texts of React Aria in other languages to the English ones: the page is in English. */
function englishOnly(): Plugin {
  return {
    name: "english-only",
    enforce: "pre",
    async resolveId(source, importer) {
      const other = /\/[a-z]{2}-[A-Z]{2}\.(m?js|cjs)$/.exec(source);
      if (!other || !importer?.includes("react-") || source.includes("en-US")) return null;
      return this.resolve(source.replace(/[a-z]{2}-[A-Z]{2}(\.\w+)$/, "en-US$1"), importer, { skipSelf: true });
    },
  };
}

/** Collects the licences of the packages that the bundle holds. */
function licences(): Plugin {
  return {
    name: "licences",
    generateBundle() {
      const packages = new Set<string>();
      for (const id of this.getModuleIds()) {
        const found = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id);
        if (found) packages.add(found[0]);
      }
      const texts = [...packages].sort().map(licenceOf);
      this.emitFile({ type: "asset", fileName: "licences.txt", source: texts.join("\n\n") });
    },
  };
}

function licenceOf(directory: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const file = readdirSync(directory).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? readFileSync(join(directory, file), "utf8").trim() : "";
  return `${name} ${version} (${license})\n${"=".repeat(72)}\n${text}`;
}

/** Makes the service worker of worker.js and the names of all files, which it keeps for when there is no network. */
function serviceWorker(): Plugin {
  let base = "/";
  return {
    name: "service-worker",
    configResolved(config) {
      base = config.base;
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const assets = Object.keys(bundle).filter((name) => /\.(js|css|woff2)$/.test(name));
        const files = [...assets, ...readdirSync(PUBLIC)].map((name) => base + name).sort();
        const worker = readFileSync(WORKER, "utf8");
        const build = createHash("sha256").update(JSON.stringify(files)).update(worker).digest("hex").slice(0, 16);
        const constants = `const FILES = ${JSON.stringify(files)};\nconst BUILD = "${build}";\n`;
        this.emitFile({ type: "asset", fileName: "worker.js", source: constants + worker });
      },
    },
  };
}

/** Writes a packed copy beside each file, which the server hands out as it is. */
function packed(): Plugin {
  return {
    name: "packed",
    writeBundle({ dir }, bundle) {
      for (const name of Object.keys(bundle)) {
        if (/\.(js|css|html|svg|txt|webmanifest)$/.test(name)) pack(join(dir ?? "", name));
      }
    },
  };
}

function pack(path: string): void {
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
}

export default defineConfig({
  root: HERE,
  base: "/dashboard/",
  plugins: [englishOnly(), react(), licences(), serviceWorker(), packed()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { "/v1": process.env.FITNESS_API ?? "http://127.0.0.1:8000" } },
});
