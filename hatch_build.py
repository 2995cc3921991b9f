"""The build's one addition: the screens, built to web/dist, travel inside the wheel as ioc/static.

Called by hatchling. Where the screens are not built yet the wheel holds the server alone, which says so when asked for one;
an editable install reads web/dist where it lies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Screens(BuildHookInterface):  # type: ignore[type-arg]
    """Registered in pyproject.toml under [tool.hatch.build.targets.wheel.hooks.custom]."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """`version` is "standard" or "editable"; `build_data["force_include"]` maps a path here to its path in the wheel."""
        built = Path(self.root) / "web" / "dist"
        if version != "editable" and (built / "build.json").is_file():
            build_data["force_include"][str(built)] = "ioc/static"
