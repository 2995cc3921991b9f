"""web/src/wire.ts from ioc/wire.py, so that screens and server cannot mean different things: `python -m ioc.typescript > web/src/wire.ts`.

Knows only what the contract uses: TypedDicts, literals, unions, lists, tuples, dicts and plain types.
"""

from __future__ import annotations

import sys
import types
import typing
from typing import Any, Literal, NotRequired

from ioc import wire


def typescript() -> str:
    """The declarations of web/src/wire.ts."""
    lines = ["// Generated from ioc/wire.py by `make wire`; do not edit.", ""]
    lines += [f"export const {name} = {getattr(wire, name)};" for name in ("PROTOCOL", "HEARTBEAT", "DEAD")]
    lines += ["", f"export type Business = {_ts(wire.Business)};", f"export type Quality = {_ts(wire.Quality)};", ""]
    for name, declared in list(vars(wire).items()):
        if isinstance(declared, type) and typing.is_typeddict(declared):
            hints = typing.get_type_hints(declared, include_extras=True)
            body = [f"  {key.rstrip('_')}{'?' if _optional(hint) else ''}: {_ts(hint)};" for key, hint in hints.items()]
            lines += [f"export interface {name} {{", *body, "}", ""]
    lines += [f"export type FromServer = {' | '.join(c.__name__ for c in wire.SERVER)};"]
    lines += [f"export type ToServer = {' | '.join(c.__name__ for c in wire.CLIENT)};", ""]
    for topic, keys in wire.TOPICS.items():
        fields = [f"  {_key(key)}: {value.__name__};" for key, value in keys.items()]
        lines += [f"export interface {topic.title()}Topic {{", *fields, "}", ""]
    lines += ["export const TOPICS = [" + ", ".join(f'"{t}"' for t in wire.TOPICS) + "] as const;", ""]
    lines += ["export const CLOSES: Record<number, string> = {", *(f'  {c}: "{w}",' for c, w in wire.CLOSES.items()), "};", ""]
    return "\n".join(lines)


def _key(key: str) -> str:
    return f"[key: `{key}${{string}}`]" if key.endswith(".") else key


def _optional(hint: Any) -> bool:
    return typing.get_origin(hint) is NotRequired


def _ts(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is NotRequired:
        return _ts(arguments[0])
    if origin is Literal:
        return " | ".join(f'"{a}"' for a in arguments)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(_ts(a) for a in arguments)
    if origin is list:
        inner = _ts(arguments[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is tuple:
        return f"[{', '.join(_ts(a) for a in arguments)}]"
    if origin is dict:
        return f"Record<{_ts(arguments[0])}, {_ts(arguments[1])}>"
    if hint is type(None):
        return "null"
    simple = {str: "string", int: "number", float: "number", bool: "boolean", Any: "unknown"}
    return simple.get(hint) or str(hint.__name__)


if __name__ == "__main__":
    sys.stdout.write(typescript())
