"""The next question to a system of the kind `rest`, from its settings and the place a walk has come to. Pure; called by sources/rest.py.

Where, from when on and how much is put where the system wants it: into the address, the query, or the JSON body of a search.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote, urljoin, urlsplit
from zoneinfo import ZoneInfo

from collectors.auth import Request
from collectors.dates import read_instant, written
from collectors.rest_settings import RestSettings, search
from collectors.source import Refused, shown
from collectors.walk import Place


def question(settings: RestSettings, place: Place, until: datetime, zone: ZoneInfo) -> Request:
    """What to ask at a place of the walk. `until`: the end of the range, where the system wants one."""
    if settings.paging == "url" and place.token:
        body = settings.body if settings.method == "POST" else None
        return Request(url=_onward(settings.url, place.token), method=settings.method, json=body)
    inside, beside = _told(settings, place, until, zone)
    url = settings.url
    for name, value in inside.items():
        url = url.replace(f"{{{name}}}", quote(str(value), safe=""))
    if settings.method == "POST":
        return Request(url=url, method="POST", params=settings.params, json=search(settings.body, beside))
    return Request(url=url, params={**settings.params, **{name: str(value) for name, value in beside.items()}})


def _told(settings: RestSettings, place: Place, until: datetime, zone: ZoneInfo) -> tuple[dict[str, str | int], dict[str, str | int]]:
    """What is put into the address, by its name there; and what is sent beside it, by the name of its parameter."""
    known: dict[str, tuple[str, str | int]] = {"size": (settings.size_param, place.size)}
    if settings.since:
        known["since"] = settings.since_param, _since(settings, place.asked, zone)
    if settings.until:
        known["until"] = settings.until_param, written(until, settings.since_format, zone)
    match settings.paging:
        case "page":
            known["page"] = settings.page_param, place.page - 1 + settings.first_page
        case "offset":
            known["offset"] = settings.offset_param, place.skip
        case "next":
            known["next"] = settings.next_param, place.token
    inside = {name: value for name, (_, value) in known.items() if name in settings.in_address}
    beside = {param: value for name, (param, value) in known.items() if name not in inside and param and value != ""}
    return inside, beside


def _since(settings: RestSettings, asked: str, zone: ZoneInfo) -> str:
    """The time to ask from, as the system wants it written; "" for the beginning of the list."""
    if not asked or not settings.since_format:
        return asked or settings.first_since
    try:
        return written(read_instant(asked, zone), settings.since_format, zone)
    except (ValueError, OverflowError):
        return asked


def _onward(url: str, told: str) -> str:
    """The address of the next page, which must be on the same host: what shows who we are is sent along. Raises Refused."""
    try:
        onward = urljoin(url, told)
        ours, theirs = urlsplit(url), urlsplit(onward)
        same = (ours.scheme, ours.hostname, ours.port) == (theirs.scheme, theirs.hostname, theirs.port) and "@" not in theirs.netloc
    except ValueError:
        raise Refused(f"the address of the next page is none: {shown(told, 40)}; the other side must look") from None
    if not same:
        raise Refused(
            f"the next page is said to be at {shown(theirs.netloc, 60)}, another host than {shown(ours.netloc, 60)}; not followed"
        )
    return onward
