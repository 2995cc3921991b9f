"""The built screens: /wall and its files, with the headers that keep a page to its own origin.

Built files lie in ioc/static (an installed package) or web/dist (a checkout). Hashed files may be kept for ever, pages never.
"""

from __future__ import annotations

import json
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, RedirectResponse, Response

HERE = Path(__file__).parent
PLACES = (HERE.parent / "static", HERE.parent.parent / "web" / "dist")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
FOR_EVER = "public, max-age=31536000, immutable"


def built() -> tuple[Path | None, str]:
    """Where the built screens are, and which build they are ("" when none is there: run `make setup`)."""
    for place in PLACES:
        stamp = place / "build.json"
        if stamp.is_file():
            return place, str(json.loads(stamp.read_text(encoding="utf-8"))["ui"])
    return None, ""


def page_routes(place: Path | None) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def root() -> Response:
        return RedirectResponse("/wall", headers=HEADERS)

    @routes.get("/wall")
    async def wall() -> Response:
        return _file("wall.html", "no-cache")

    @routes.get("/assets/{path:path}")
    async def asset(path: str) -> Response:
        return _file(f"assets/{path}", FOR_EVER)

    @routes.get("/{name}")
    async def top(name: str) -> Response:
        return _file(name, "no-cache") if name in ("icon.svg", "favicon.ico", "build.json") else Response(status_code=404)

    def _file(name: str, cache: str) -> Response:
        if place is None:
            return Response("The screens are not built: run `make setup`.\n", 503, media_type="text/plain")
        path = (place / name).resolve()
        if not path.is_relative_to(place.resolve()) or not path.is_file():
            return Response(status_code=404, headers=HEADERS)
        return FileResponse(path, headers={**HEADERS, "Cache-Control": cache})

    return routes
