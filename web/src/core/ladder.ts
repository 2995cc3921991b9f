// What the screen says about its own connection, by how long it has heard nothing. Pure.

export type Conn = "live" | "retry" | "lost" | "denied";

export interface Standing {
  conn: Conn;
  notice: boolean; // the whole screen says so
}

const BANNER = 60;
const NOTICE = 15 * 60;

/** `silent`: seconds since the last frame of a connection that is gone; null while connected. */
export function standing(silent: number | null, denied: boolean): Standing {
  if (denied) return { conn: "denied", notice: true };
  if (silent === null) return { conn: "live", notice: false };
  return { conn: silent >= BANNER ? "lost" : "retry", notice: silent >= NOTICE };
}
