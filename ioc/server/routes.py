"""Every path of the server that is not the WebSocket, in one list. Called by app.py."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from ioc.server import http
from ioc.server.auth import Access, session_routes
from ioc.server.board_routes import board_routes
from ioc.server.calendar_routes import calendar_routes
from ioc.server.center import Center
from ioc.server.explain_routes import explain_routes
from ioc.server.forecast_routes import forecast_routes
from ioc.server.history_routes import history_routes
from ioc.server.index_routes import index_routes
from ioc.server.pages import page_routes
from ioc.server.push import push_routes
from ioc.server.quality import quality_routes
from ioc.server.reconcile_routes import reconcile_routes
from ioc.server.unit_routes import unit_routes
from ioc.server.why_routes import why_routes


def add_routes(app: FastAPI, center: Center, access: Access, place: Path | None) -> None:
    """Add them all, and how their errors are answered."""
    for router in (
        http.routes(center),
        http.probe_routes(center),
        session_routes(access),
        push_routes(center),
        quality_routes(center),
        board_routes(center),
        calendar_routes(center),
        explain_routes(center),
        forecast_routes(center),
        history_routes(center),
        index_routes(center),
        unit_routes(center),
        reconcile_routes(center),
        why_routes(center),
        page_routes(place),
    ):
        app.include_router(router)
    http.errors(app)
