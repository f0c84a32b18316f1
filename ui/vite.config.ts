import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../src/yuhu/app/static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the policy of the pages allows no inline scripts or styles
    target: "es2022",
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8765", "/enter": "http://127.0.0.1:8765" } },
});
