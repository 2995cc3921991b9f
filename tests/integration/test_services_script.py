"""scripts/services, run for real: each test has a home of its own below a temporary folder and kills what it likes there.

The programs are unpacked once: those of the project when they are there, else into a folder of this run.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / "scripts" / "services"
GONE_WITHIN_S = 15

pytestmark = pytest.mark.services


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One IOC_HOME and the script run against it."""

    path: Path
    root: Path | None

    def run(self, *words: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """What the script said; a process it left holding our pipes would make this time out."""
        env = {name: value for name, value in os.environ.items() if name not in ("IOC_DATABASE_URL", "IOC_REDIS_URL")}
        env |= {"IOC_HOME": str(self.path)} | ({"IOC_SERVICES_ROOT": str(self.root)} if self.root else {}) | environment
        return subprocess.run([SCRIPT, *words], env=env, check=check, capture_output=True, text=True, timeout=90)

    def urls(self) -> tuple[str, str]:
        lines = dict(line.split("=", 1) for line in self.run("urls").stdout.splitlines())
        return lines["IOC_DATABASE_URL"], lines["IOC_REDIS_URL"]

    def database(self) -> psycopg.Connection:
        return psycopg.connect(self.urls()[0], autocommit=True)

    def postmaster(self) -> int:
        return int((self.path / "services/postgres/postmaster.pid").read_text().split()[0])

    def processes(self) -> dict[int, str]:
        """Everything alive that works in this home or was started with it: pid -> command line."""
        return {int(entry.name): command for entry in Path("/proc").glob("[0-9]*") if (command := _ours(entry, str(self.path)))}


def _ours(process: Path, home: str) -> str:
    try:
        works_here = os.readlink(process / "cwd").startswith(home)
        told_so = f"IOC_HOME={home}\0".encode() in (process / "environ").read_bytes()
        return (process / "cmdline").read_text().replace("\0", " ") if works_here or told_so else ""
    except OSError:
        return ""  # gone while we looked, not ours to read, or killed and not yet reaped


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _open_folder(prefix: str) -> Path:
    """A temporary folder the engines' account may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """Where the unpacked programs are."""
    present = Path(os.environ.get("IOC_HOME", PROJECT / ".ioc")) / "services/root"
    if (present / ".stamp").is_file():
        yield present.resolve()
        return
    folder = _open_folder("ioc-programs-")
    yield folder / "root"
    shutil.rmtree(folder)


@pytest.fixture
def home(programs: Path) -> Iterator[Home]:
    folder = _open_folder("ioc-home-")
    it = Home(path=folder / "home", root=programs)
    yield it
    it.run("destroy", check=False)
    shutil.rmtree(folder)


@pytest.fixture
def holder() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a process that does nothing but live, as the one a lease is for."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(["sleep", "600"]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def seconds_until(holds: Callable[[], bool], limit: float = GONE_WITHIN_S) -> float:
    """How long it took; fails beyond `limit`. What is waited for happens in other processes, by their own clock."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < limit, f"not within {limit} s"
        time.sleep(0.2)
    return time.monotonic() - began


def test_start_gives_two_addresses_that_answer_on_this_machine_only(home: Home) -> None:
    home.run("start")
    database, cache = home.urls()
    assert database.startswith("postgresql://postgres@127.0.0.1:")
    with home.database() as db:
        db.execute("create extension timescaledb")
        names = (
            "listen_addresses",
            "timezone",
            "synchronous_commit",
            "timescaledb.max_background_workers",
            "timescaledb.telemetry_level",
        )
        row = db.execute("select " + ", ".join(f"current_setting('{name}')" for name in names)).fetchone()
    assert row == ("127.0.0.1", "UTC", "on", "0", "off")
    with redis.Redis.from_url(cache) as client:
        assert client.ping()
        assert client.config_get("maxmemory-policy", "appendonly", "save", "bind") == {
            "maxmemory-policy": "noeviction",
            "appendonly": "no",
            "save": "",
            "bind": "127.0.0.1",
        }


def test_a_database_with_timescale_can_be_a_template(home: Home) -> None:
    home.run("start")
    with home.database() as db:
        db.execute("create database original")
        with psycopg.connect(home.urls()[0].rsplit("/", 1)[0] + "/original", autocommit=True) as original:
            original.execute("create extension timescaledb")
        for number in range(3):
            db.execute(f"create database copy_{number} template original".encode())


def test_a_locale_this_machine_lacks_is_no_hindrance(home: Home) -> None:
    home.run("start", LANG="vi_VN.UTF-8", LC_ALL="xx_YY.UTF-8")
    assert home.run("psql", "-Atc", "select 'Thừa Thiên Huế'", LC_ALL="xx_YY.UTF-8").stdout == "Thừa Thiên Huế\n"


def test_a_second_start_changes_nothing(home: Home) -> None:
    home.run("start")
    before = home.processes().keys(), home.urls()
    home.run("start")
    assert (home.processes().keys(), home.urls()) == before


def test_starts_at_the_same_moment_bring_up_one_of_each(home: Home, holder: Callable[[], subprocess.Popen[bytes]]) -> None:
    holders = [holder() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda process: home.run("start", "--while", str(process.pid)), holders))
    # the losers among the guardians see the lock and end at once
    seconds_until(lambda: sum("services guard" in command for command in home.processes().values()) == 1)
    ours = home.processes()
    parents = [command for pid, command in ours.items() if _parent(pid) not in ours]
    for program in ("/bin/.elf/postgres ", "/bin/.elf/redis-server ", "services guard"):
        assert sum(program in command for command in parents) == 1, program
    assert len(parents) == 3


def test_without_apt_it_says_so_and_names_the_other_ways(home: Home) -> None:
    few = home.path.parent / "bin"
    few.mkdir()
    for program in (
        "sh",
        "dirname",
        "id",
        "mkdir",
        "readlink",
        "sha256sum",
        "cut",
        "flock",
        "setpriv",
        "env",
        "cat",
        "sed",
        "head",
    ):
        found = shutil.which(program)
        assert found
        (few / program).symlink_to(found)
    nowhere = Home(path=home.path, root=None)
    answer = nowhere.run("setup", check=False, PATH=str(few))
    assert answer.returncode == 4
    for words in ("deploy/compose.yaml", "IOC_DATABASE_URL", "IOC_REDIS_URL", "không có apt", "no Debian apt"):
        assert words in answer.stderr


def test_what_does_not_run_has_no_address(home: Home) -> None:
    assert home.run("urls", check=False).returncode == 3
    home.run("start")
    home.run("stop")
    answer = home.run("urls", check=False)
    assert (answer.returncode, answer.stdout) == (3, "")
    assert home.run("psql", "-c", "select 1", check=False).returncode == 3


def test_psql_is_the_superuser(home: Home) -> None:
    home.run("start")
    assert home.run("psql", "-Atc", "select rolsuper from pg_roles where rolname = current_user").stdout == "t\n"


@pytest.mark.slow
def test_when_the_holder_is_killed_nothing_of_ours_stays(home: Home, holder: Callable[[], subprocess.Popen[bytes]]) -> None:
    process = holder()
    home.run("start", "--while", str(process.pid))
    with home.database() as db:
        db.execute("create table kept as select 1 as value")
    assert home.processes()
    process.kill()  # and not yet reaped: a zombie holds nothing
    seconds_until(lambda: not home.processes())
    home.run("start")
    with home.database() as db:
        assert db.execute("select value from kept").fetchall() == [(1,)]


@pytest.mark.slow
def test_they_stay_while_another_holder_lives(home: Home, holder: Callable[[], subprocess.Popen[bytes]]) -> None:
    first, second = holder(), holder()
    home.run("start", "--while", str(first.pid))
    home.run("start", "--while", str(second.pid))
    first.kill()
    # the first lease is forgotten by one of the guardian's looks, and it has looked again since
    seconds_until(lambda: not (home.path / f"services/run/leases/{first.pid}").exists())
    time.sleep(6)
    assert home.urls()
    second.kill()
    seconds_until(lambda: not home.processes())


@pytest.mark.slow
def test_a_lease_is_not_inherited_by_whoever_gets_the_pid_next(home: Home, holder: Callable[[], subprocess.Popen[bytes]]) -> None:
    process = holder()
    home.run("start", "--while", str(process.pid))
    (home.path / f"services/run/leases/{process.pid}").write_text("1\n")  # as if given to an earlier process of this number
    seconds_until(lambda: not home.processes())
    assert process.poll() is None


@pytest.mark.slow
def test_what_was_started_by_hand_outlives_every_lease(home: Home, holder: Callable[[], subprocess.Popen[bytes]]) -> None:
    process = holder()
    home.run("start", "--while", str(process.pid))
    home.run("start")
    process.kill()
    # the guardian has nothing left to do and ends; the engines stay
    seconds_until(lambda: not any("services guard" in command for command in home.processes().values()))
    assert home.urls()


def test_a_lease_needs_a_living_process(home: Home) -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    answer = home.run("start", "--while", str(process.pid), check=False)
    assert answer.returncode == 2
    assert str(process.pid) in answer.stderr
    assert not home.processes()
    for wrong in (("--while",), ("--while", "x1"), ("--until", "1"), ("now",)):
        assert home.run("start", *wrong, check=False).returncode == 2


def test_after_everything_was_killed_a_start_recovers_with_what_was_committed(home: Home) -> None:
    home.run("start")
    with home.database() as db:
        db.execute("create table kept as select generate_series(1, 1000) as value")
    for pid in home.processes():
        os.kill(pid, signal.SIGKILL)
    assert (home.path / "services/postgres/postmaster.pid").exists()
    assert home.run("urls", check=False).returncode == 3
    home.run("start")
    with home.database() as db:
        assert db.execute("select count(*) from kept").fetchone() == (1000,)


def test_a_query_that_outlives_a_killed_server_does_not_hinder_the_next(home: Home) -> None:
    home.run("start")
    with subprocess.Popen(
        [SCRIPT, "psql", "-c", "select count(*) from generate_series(1, 4000000000)"],
        env=os.environ | {"IOC_HOME": str(home.path), "IOC_SERVICES_ROOT": str(home.root)},
        stderr=subprocess.DEVNULL,
    ) as query:
        with home.database() as db:
            busy = b"select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()"
            seconds_until(lambda: db.execute(busy).fetchone() == (1,))
        os.kill(home.postmaster(), signal.SIGKILL)
        home.run("start")
        assert query.wait(timeout=10) != 0
    with home.database() as db:
        assert db.execute("select 1").fetchone() == (1,)


def test_a_killed_engine_comes_back_by_start_and_not_by_itself(home: Home, holder: Callable[[], subprocess.Popen[bytes]]) -> None:
    process = holder()
    home.run("start", "--while", str(process.pid))
    database, cache = home.urls()
    with redis.Redis.from_url(cache) as client:
        client.shutdown(nosave=True)
    seconds_until(lambda: home.run("urls", check=False).returncode == 3)
    time.sleep(4)  # two looks of the guardian
    assert home.run("urls", check=False).returncode == 3
    before = home.postmaster()
    home.run("start", "--while", str(process.pid))
    assert home.urls() == (database, cache)
    assert home.postmaster() == before


@pytest.mark.parametrize("engine", ["postgres", "redis"])
def test_a_port_taken_meanwhile_is_chosen_again_and_remembered(home: Home, engine: str) -> None:
    home.run("start")
    home.run("stop")
    remembered = home.path / f"services/{engine}.port"
    before = int(remembered.read_text())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", before))
        other.listen()
        home.run("start")
        after = int(remembered.read_text())
        assert after != before
        assert any(f":{after}/" in url for url in home.urls())
    home.run("stop")
    home.run("start")
    assert int(remembered.read_text()) == after


def test_state_may_move_to_another_folder(home: Home) -> None:
    home.run("start")
    with home.database() as db:
        db.execute("create table kept as select 1 as value")
    home.run("stop")
    moved = Home(path=home.path.with_name("moved"), root=home.root)
    home.path.rename(moved.path)
    try:
        moved.run("start")
        with moved.database() as db:
            assert db.execute("select value from kept").fetchall() == [(1,)]
    finally:
        moved.run("destroy")


def test_a_folder_closed_to_the_engines_is_no_hindrance(home: Home) -> None:
    """Root's clone may lie where nobody else can go; an ordinary user's engines run as that user and can."""
    home.path.mkdir(mode=0o700)
    said = home.run("start").stderr
    with home.database() as db:
        (where,) = db.execute("show data_directory").fetchone() or ("",)
    inside = Path(where).is_relative_to(home.path)
    assert inside is (os.geteuid() != 0)
    assert inside or str(Path(where).parent) in said
    home.run("destroy")
    assert not Path(where).parent.exists()


def test_destroy_leaves_neither_process_nor_file(home: Home, holder: Callable[[], subprocess.Popen[bytes]]) -> None:
    home.run("start", "--while", str(holder().pid))
    home.run("destroy")
    assert not (home.path / "services").exists()
    seconds_until(lambda: not home.processes())
    home.run("start")
    assert home.urls()
