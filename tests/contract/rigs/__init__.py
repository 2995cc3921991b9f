"""The outside worlds that the contract of sources is tried in: one rig a kind, in a file of its own; RIGS lists them."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contract.rigs.base import Rig
from tests.contract.rigs.files import FilesRig
from tests.contract.rigs.rest import RestRig

RIGS: Mapping[str, type[Rig]] = {
    "rest": RestRig,
    "files": FilesRig,
}
