/// <reference types="vitest/config" />
// How the screens are built: web/wall.html -> web/dist, hashed files under assets/, served by the Python server.
// The build's own name is a hash of its sources; dist/build.json tells the server, which tells every screen (`welcome.ui`).
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join, relative } from "node:path";
import { defineConfig, type Plugin } from "vite";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** The first 12 hex digits of a SHA-256 over every source file and its name. */
function buildName(): string {
  const sources = readdirSync(join(HERE, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".woff2"))
    .map((entry) => join(entry.parentPath, entry.name));
  const named = [...sources, join(HERE, "wall.html"), join(HERE, "package-lock.json")].map(
    (file) => [relative(HERE, file), file] as const,
  );
  const hash = createHash("sha256");
  for (const [name, file] of named.sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex").slice(0, 12);
}

function buildJson(ui: string): Plugin {
  return {
    name: "build-json",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "build.json", source: `${JSON.stringify({ ui })}\n` });
    },
  };
}

export default defineConfig(({ command }) => {
  const ui = command === "build" ? buildName() : "dev";
  const server = process.env["IOC_SERVER"] ?? "http://127.0.0.1:8080";
  return {
    define: { __UI__: JSON.stringify(ui) },
    plugins: [buildJson(ui)],
    build: {
      target: "es2022",
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0, // the content security policy allows no data: fonts
      rollupOptions: { input: join(HERE, "wall.html") },
    },
    server: { host: "127.0.0.1", proxy: { "/live": { target: server, ws: true }, "/api": server, "/healthz": server } },
    test: { include: ["test/**/*.test.ts"] },
  };
});
