"""A declared name of a field of theirs that begins with "=": a JMESPath expression over the record (jmespath.org). Pure.

Called by fields.find, and by whoever checks a configuration. Expressions are compiled once. Which fields one reads is taken from
its syntax tree, so that quarantine keeps nothing else; one that would read fields without naming them is refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

SIGN = "="
LONGEST = 300
UNNAMED = frozenset({"keys", "values"})  # functions that reach into an object without saying where
Places = frozenset[str]


class PathError(ValueError):
    """No expression, one that names no field, or one that does not fit what it is given. The message never holds a record's value."""


class _Functions(functions.Functions):  # type: ignore[misc]
    """JMESPath's own functions, but a whole object never becomes text: that would carry along what nobody named."""

    @functions.signature({"types": ["string", "number", "boolean", "null"]})  # type: ignore[untyped-decorator]
    def _func_to_string(self, value: object) -> object:
        return super()._func_to_string(value)


_INTERPRETER = TreeInterpreter(jmespath.Options(custom_functions=_Functions()))


def is_expression(name: str) -> bool:
    return name.startswith(SIGN)


def search(record: object, name: str) -> object:
    """What an expression finds in a record; None for nothing. Raises PathError when it cannot be applied to this one."""
    tree, _ = _compiled(name)
    try:
        return _INTERPRETER.visit(tree, record)
    except Exception as error:  # the interpreter is not ours and the record may be anything: its message would show values
        raise PathError(f"the expression cannot be applied ({type(error).__name__})") from None


def reads(name: str) -> Places:
    """The dotted names of the fields that a declared name reads; a plain name reads itself. Raises PathError."""
    return _compiled(name)[1] if is_expression(name) else frozenset({name})


@lru_cache(maxsize=1024)
def _compiled(name: str) -> tuple[dict[str, Any], Places]:
    if len(name) > LONGEST:
        raise PathError(f"longer than {LONGEST} characters")
    try:
        tree: dict[str, Any] = jmespath.compile(name.removeprefix(SIGN)).parsed
    except JMESPathError as error:
        raise PathError(f"no JMESPath ({type(error).__name__})") from None
    except RecursionError:
        raise PathError("no JMESPath: nested too deeply") from None
    read: set[str] = set()
    _walk(tree, frozenset({""}), read)
    if not read:
        raise PathError("names no field")
    inner = {place.rpartition(".")[0] for place in read}
    return tree, frozenset(read - inner)


def _walk(node: dict[str, Any], here: Places, read: set[str]) -> Places:
    """Where the values of a node stand in the record, evaluated where `here` is; adds every place it goes to to `read`."""
    children = node["children"]
    match node["type"]:
        case "field":
            found = frozenset(f"{place}.{node['value']}".lstrip(".") for place in here)
            read |= found
            return found
        case "identity" | "current" | "index" | "slice":
            return here
        case "subexpression" | "index_expression" | "pipe" | "projection":
            for child in children:
                here = _walk(child, here, read)
            return here
        case "filter_projection":
            left, right, condition = children
            listed = _walk(left, here, read)
            _walk(condition, listed, read)
            return _walk(right, listed, read)
        case "value_projection":
            raise PathError("* over an object names no field; name the fields")
        case "function_expression":
            return _arguments(node, here, read)
    return frozenset().union(*(_walk(child, here, read) for child in children))


def _arguments(node: dict[str, Any], here: Places, read: set[str]) -> Places:
    """Of a function: its plain arguments first, because an expression given as `&...` is evaluated over what they find."""
    name = node["value"]
    if name not in _Functions.FUNCTION_TABLE:
        raise PathError(f"no JMESPath: there is no function {name}()")
    if name in UNNAMED:
        raise PathError(f"{name}() names no field; name the fields")
    plain = [child for child in node["children"] if child["type"] != "expref"]
    found: Places = frozenset().union(*(_walk(child, here, read) for child in plain))
    inner = [_walk(child["children"][0], found, read) for child in node["children"] if child["type"] == "expref"]
    return frozenset().union(*inner) if name == "map" else found
