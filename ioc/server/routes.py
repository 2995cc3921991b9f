"""Every path of the server that is not the WebSocket, in one list. Called by app.py."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from ioc.server import http
from ioc.server.auth import Access, session_routes
from ioc.server.center import Center
from ioc.server.pages import page_routes
from ioc.server.push import push_routes
from ioc.server.quality import quality_routes


def add_routes(app: FastAPI, center: Center, access: Access, place: Path | None) -> None:
    """Add them all, and how their errors are answered."""
    for router in (
        http.routes(center),
        http.probe_routes(center),
        session_routes(access),
        push_routes(center),
        quality_routes(center),
        page_routes(place),
    ):
        app.include_router(router)
    http.errors(app)
