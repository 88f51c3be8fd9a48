"""Where the development Postgres lives for root: below folders that its system user can't enter."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.cli import postgres_installation
from api.cli.dev_postgres import postgres
from api.cli.postgres_installation import prepare
from tests.support.databases import FAST
from tests.support.folders import reachable_folder

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as another user")


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the folder for what the system user has to reach, in place of the one in /var/lib."""
    with reachable_folder() as folder:
        monkeypatch.setattr(postgres_installation, "SHARED_FOLDER", folder / "superbill")
        yield folder / "superbill"


@pytest.fixture
def closed() -> Iterator[Path]:
    """Give a folder that only root can enter, as /root is."""
    with reachable_folder() as folder:
        (folder / "closed" / "checkout").mkdir(parents=True)
        (folder / "closed").chmod(0o700)
        yield folder / "closed" / "checkout"
        assert mode(folder / "closed") == 0o700
        assert mode(folder / "closed" / "checkout") == 0o755


@pytest.fixture
def closed_programs(closed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the package's programs below the closed folder."""
    real = postgres_installation.packaged_programs()
    (closed / "pginstall").symlink_to(real.parent)
    monkeypatch.setattr(
        postgres_installation, "packaged_programs", lambda: closed / "pginstall" / "bin"
    )
    return closed / "pginstall" / "bin"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_new_data_below_a_closed_folder_is_made_elsewhere_and_found_again(
    closed: Path, shared: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = prepare(closed / ".postgres").directory
    assert found == (closed / ".postgres").readlink()
    assert found.parent == shared
    assert (found.owner(), mode(found), mode(shared)) == ("embedded_postgres", 0o700, 0o755)
    assert prepare(closed / ".postgres").directory == found
    (record,) = caplog.records
    assert str(closed / ".postgres") in record.getMessage()
    assert str(found) in record.getMessage()


def test_removed_link_means_new_data(closed: Path, shared: Path) -> None:
    first = prepare(closed / ".postgres").directory
    (closed / ".postgres").unlink()
    assert prepare(closed / ".postgres").directory != first


def test_link_whose_target_is_gone_leads_to_new_data(closed: Path, shared: Path) -> None:
    """As in a new container with the checkout of an older one."""
    target = prepare(closed / ".postgres").directory
    shutil.rmtree(shared)
    assert prepare(closed / ".postgres").directory == target
    assert target.is_dir()


def test_programs_below_a_closed_folder_are_copied_once(
    closed_programs: Path,
    shared: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The copy is an empty one here; below, Postgres runs from a whole one."""
    monkeypatch.setattr(postgres_installation, "_copy_package", Path.mkdir)
    with reachable_folder() as folder:
        programs = prepare(folder / "postgres").programs
        assert prepare(folder / "postgres").programs == programs
    assert programs.is_relative_to(shared)
    assert [path.name[:9] for path in shared.iterdir()] == ["programs-"]
    assert [str(closed_programs) in record.getMessage() for record in caplog.records] == [True]


@pytest.mark.costly
def test_postgres_runs_when_data_and_programs_are_below_a_closed_folder(
    closed: Path, closed_programs: Path, shared: Path
) -> None:
    for _ in range(2):
        with (
            postgres(closed / ".postgres", settings=FAST) as server,
            psycopg.connect(server.owner_url) as connection,
        ):
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert len(list(shared.iterdir())) == 2


def test_existing_data_that_became_unreachable_is_refused_with_the_command_that_helps(
    shared: Path,
) -> None:
    with reachable_folder() as folder:
        directory = folder / "check out" / "postgres"
        (directory / "data").mkdir(parents=True)
        directory.parent.chmod(0o700)
        with pytest.raises(RuntimeError) as refused:
            prepare(directory)
        assert str(refused.value) == (
            f"Postgres runs as embedded_postgres, which can't pass through {directory.parent}"
            f" to {directory}: `chmod o+x '{directory.parent}'` lets every user pass through it;"
            " or set POSTGRES_DIR to a directory elsewhere."
        )
        assert mode(directory.parent) == 0o700
        directory.parent.chmod(0o701)
        assert prepare(directory).directory == directory
    assert not shared.exists()


def test_shared_folder_that_can_t_be_made_is_refused_with_what_to_set(
    closed: Path, shared: Path
) -> None:
    shared.write_text("a file in its place")
    with pytest.raises(RuntimeError, match="set POSTGRES_DIR or DATABASE_URL"):
        prepare(closed / ".postgres")


def test_directory_of_an_ordinary_user_stays_that_user_s(shared: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    with reachable_folder() as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        installation = prepare(folder)
        assert installation.account == (nobody.pw_uid, nobody.pw_gid)
        assert (folder.owner(), mode(folder)) == ("nobody", 0o700)


def test_system_user_is_added_once_and_named_where_it_can_t_be(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_installation, "_SYSTEM_USER", "superbill_test_user")
    try:
        with reachable_folder() as folder:
            assert prepare(folder / "first").directory.owner() == "superbill_test_user"
            assert prepare(folder / "second").directory.owner() == "superbill_test_user"
            monkeypatch.setattr(postgres_installation, "_SYSTEM_USER", "no name:")
            with pytest.raises(RuntimeError, match="system user no name: can't be added: `useradd"):
                prepare(folder / "third")
    finally:
        command = ("userdel", "superbill_test_user")
        subprocess.run(command, check=True)  # noqa: S603 - all of it is constant
