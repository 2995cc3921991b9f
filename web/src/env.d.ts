/// <reference types="vite/client" />
/** The name of this build: a hash of its sources (vite.config.ts); "dev" on a development server. */
declare const __UI__: string;
