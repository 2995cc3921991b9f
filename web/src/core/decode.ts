// Reads one frame of /live. Pure. A type or topic we do not know is not an error: a newer server may speak of more than we show.
import { type FromServer, TOPICS } from "../wire";

export type TopicName = (typeof TOPICS)[number];
export type Decoded = FromServer | "unknown" | "malformed";

const REQUIRED: Record<FromServer["t"], Record<string, string>> = {
  welcome: { now: "number", proto: "number", ui: "string", topics: "object" },
  snap: { n: "string", ep: "string", seq: "number", set: "object" },
  delta: { n: "string", ep: "string", seq: "number", prev: "number", set: "object" },
  hb: { now: "number", heads: "object" },
  err: { code: "string" },
};

export function decode(text: unknown): Decoded {
  const message = parse(text);
  if (message === null) return "malformed";
  const type = message["t"];
  if (typeof type !== "string") return "malformed";
  const required = Object.hasOwn(REQUIRED, type) ? REQUIRED[type as FromServer["t"]] : undefined;
  if (!required) return "unknown";
  for (const [field, kind] of Object.entries(required)) {
    if (typeof message[field] !== kind || message[field] === null) return "malformed";
  }
  if ((type === "snap" || type === "delta") && !isTopic(message["n"])) return "unknown";
  return message as unknown as FromServer;
}

export function isTopic(name: unknown): name is TopicName {
  return (TOPICS as readonly unknown[]).includes(name);
}

function parse(text: unknown): Record<string, unknown> | null {
  if (typeof text !== "string") return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
