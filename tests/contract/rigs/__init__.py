"""The outside worlds that the contract of sources is tried in: one rig a kind, in a file of its own; RIGS lists them."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contract.rigs.base import Rig
from tests.contract.rigs.dvcqg import DvcqgRig
from tests.contract.rigs.edxml import EdxmlRig
from tests.contract.rigs.files import FilesRig
from tests.contract.rigs.lgsp import LgspRig
from tests.contract.rigs.push import PushRig
from tests.contract.rigs.rest import RestRig
from tests.contract.rigs.sql import SqlRig

RIGS: Mapping[str, type[Rig]] = {
    "rest": RestRig,
    "edxml": EdxmlRig,
    "sql": SqlRig,
    "dvcqg": DvcqgRig,
    "lgsp": LgspRig,
    "files": FilesRig,
    "push": PushRig,
}
