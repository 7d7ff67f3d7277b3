"""States by name: revisions, trees, folders; and what hostile repositories hold."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from generator.diff import shared
from generator.diff.git import GitError, repository
from generator.diff.model import State
from generator.diff.states import StateError, read_states, sources
from tests.diff.repository import Repo, make
from tests.support import TODAY

ONE = "domain: example.com\nstage: monitor\ndmarc: {reports: [valimail]}\n"
TWO = ONE.replace("com", "edu")
OTHER = "domain: example.org\nstage: parked\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = make(tmp_path / "repo")
    made.write("zones/a.yaml", ONE)
    made.write("zones/b.yaml", OTHER)
    made.commit()
    return made


def read(repo: Repo, *names: str) -> tuple[State, State, int]:
    old, new = sources(names, repo.root)
    return read_states(old, new, repo.root, TODAY)


def stages(state: State) -> dict[str, str]:
    return {name: side.domain.stage.name for name, side in state.sides.items() if side.domain}


def records(state: State) -> set[tuple[str, str, str]]:
    return {(v.name, v.type, v.text) for side in state.sides.values() for v in side.values}


@pytest.fixture
def _entire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read all files of both states, even of one commit twice."""
    monkeypatch.setattr(shared, "MAX_SHARE", -1.0)


entire = pytest.mark.usefixtures("_entire")


def fails(repo: Repo, *names: str) -> StateError:
    with pytest.raises(StateError) as caught:
        read(repo, *names)
    assert "\n" not in str(caught.value)
    return caught.value


def test_without_names_head_is_compared_with_the_working_tree(repo):
    repo.write("zones/a.yaml", ONE.replace("monitor", "fence"))
    repo.write("zones/c.yaml", "domain: example.net\nstage: parked\n")  # not yet known to git
    (repo.root / "zones/b.yaml").unlink()
    old, new, _ = read(repo)
    assert stages(old) == {"example.com": "monitor", "example.org": "parked"}
    assert stages(new) == {"example.com": "fence", "example.net": "parked"}


def test_two_revisions(repo):
    repo.write("zones/a.yaml", ONE.replace("monitor", "fence"))
    repo.commit()
    repo.write("zones/a.yaml", "no declaration")  # the tree does not matter
    old, new, unread = read(repo, "HEAD~1", "HEAD")
    assert (stages(old), stages(new)) == ({"example.com": "monitor"}, {"example.com": "fence"})
    assert unread == 1
    assert stages(read(repo, "HEAD~1..HEAD")[1]) == {"example.com": "fence"}


def test_three_dots_compare_with_where_the_branch_left(repo):
    repo.git("checkout", "-q", "-b", "feature")
    repo.write("zones/a.yaml", ONE.replace("monitor", "fence"))
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("zones/b.yaml", OTHER + "ttl: 300\n")
    repo.commit()
    repo.git("checkout", "-q", "feature")
    old, new, _ = read(repo, "main...")
    assert (stages(old), stages(new)) == ({"example.com": "monitor"}, {"example.com": "fence"})


@entire
def test_a_renamed_and_force_pushed_branch_still_has_its_merge_base(repo, tmp_path):
    repo.git("checkout", "-q", "-b", "feature")
    repo.git("mv", "zones/a.yaml", "zones/moved.yaml")
    repo.commit()
    repo.git("commit", "-q", "--amend", "-m", "rewritten")
    old, new, _ = read(repo, "main...feature")
    assert stages(old) == stages(new) == {"example.com": "monitor", "example.org": "parked"}
    assert records(old) == records(new)


def test_a_bare_repository(repo, tmp_path):
    repo.write("zones/a.yaml", ONE.replace("monitor", "fence"))
    repo.commit()
    bare = Repo(tmp_path / "bare.git")
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare.root))
    old, new, _ = read(bare, "HEAD~1", "HEAD")
    assert (stages(old), stages(new)) == ({"example.com": "monitor"}, {"example.com": "fence"})
    assert "no working tree" in str(fails(bare))


@entire
def test_a_project_in_a_folder_of_a_bare_repository(tmp_path):
    outer = Repo(tmp_path / "outer")
    (outer.root / "dns").mkdir(parents=True)
    outer.git("init", "-q", "-b", "main")
    outer.write("dns/zones/a.yaml", ONE)
    outer.write("other.txt", "x")
    outer.commit()
    inner = Repo(outer.root / "dns")
    assert stages(read(inner, "HEAD", "HEAD")[0]) == {"example.com": "monitor"}
    bare = Repo(tmp_path / "bare.git")
    outer.git("clone", "-q", "--bare", str(outer.root), str(bare.root))
    assert stages(read(bare, "HEAD", "HEAD")[0]) == {"example.com": "monitor"}


def test_a_project_in_a_folder_of_a_repository(tmp_path):
    """Paths are those of git's top, whatever the folder that a command starts in."""
    outer = Repo(tmp_path / "outer")
    (outer.root / "dns/zones").mkdir(parents=True)
    outer.git("init", "-q", "-b", "main")
    inner = Repo(outer.root / "dns")
    fill(inner)
    inner.write("zones/x.yaml", TWO)
    inner.write("zones/r.yaml", "domain: reports.example\nstage: parked\n")
    outer.write("zones/decoy.yaml", OTHER)
    outer.commit()
    inner.write("zones/x.yaml", TWO.replace("valimail", '"mailto:d@reports.example"'))
    for names in ((), ("HEAD~1", "HEAD")):
        old, new, unread = read(inner, *names)
        assert set(old.sides) == set(new.sides) == {"example.edu", "reports.example"}
        authorised = ("example.edu._report._dmarc.reports.example.", "TXT", "v=DMARC1;")
        assert authorised in records(new) - records(old)
        assert unread == 20
        outer.commit()


@entire
def test_a_shallow_clone_says_what_it_lacks(repo, tmp_path):
    repo.write("zones/a.yaml", ONE.replace("monitor", "fence"))
    repo.commit()
    shallow = Repo(tmp_path / "shallow")
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(shallow.root))
    assert stages(read(shallow, "HEAD", "HEAD")[0])["example.com"] == "fence"
    assert "git fetch --unshallow" in str(fails(shallow, "HEAD~1"))


def test_providers_of_a_revision_are_its_own(repo):
    entry = (
        "services:\n  acme-crm:\n    name: Acme\n    category: crm\n"
        "    spf: {{needed: from-domain, aligned: always, terms: ['ip4:{}']}}\n"
    )
    repo.write("providers.d/acme.yaml", entry.format("8.8.8.8"))
    repo.write("zones/a.yaml", ONE + "services: [acme-crm]\n")
    repo.commit()
    repo.write("providers.d/acme.yaml", entry.format("8.8.4.4"))
    old, new, _ = read(repo)
    assert ("example.com.", "TXT", "v=spf1 ip4:8.8.8.8 ~all") in records(old)
    assert ("example.com.", "TXT", "v=spf1 ip4:8.8.4.4 ~all") in records(new)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nope", "names no commit"),
        ("--output=x", "begins with a hyphen"),
        ("-h", "begins with a hyphen"),
        ("", "a revision is a name"),
        ("HEAD:zones/a.yaml", "names no commit"),
        ("a\nb", "holds a character that none can"),
        ("x" * 501, "a revision is a name"),
        ("nope...", "names no commit"),
        ("HEAD...--all", "begins with a hyphen"),
    ],
)
def test_a_wrong_name_is_refused(repo, name, said):
    error = fails(repo, name)
    assert said in str(error)
    assert not error.outside


def test_a_revision_is_never_taken_for_an_option(repo, tmp_path):
    for name in ("--git-dir=/", "--exec=touch x", "-c core.editor=x"):
        fails(repo, name)
    assert not list(repo.root.glob("x"))


def test_no_repository(tmp_path):
    (tmp_path / "p/zones").mkdir(parents=True)
    assert "is in no git repository" in str(fails(Repo(tmp_path / "p"), "HEAD"))


@entire
def test_a_folder_that_is_a_revision_too(repo, monkeypatch):
    (repo.root / "main").mkdir()
    monkeypatch.chdir(repo.root)
    assert "write ./main or refs/heads/main" in str(fails(repo, "main"))
    assert stages(read(repo, "refs/heads/main")[0])


def test_a_folder_is_a_project_or_zone_files(repo, tmp_path, monkeypatch):
    dns = tmp_path / "dns"
    dns.mkdir()
    (dns / "example.com.zone").write_text('$ORIGIN example.com.\n@ 60 IN TXT "v=spf1 -all"\n')
    old, new, _ = read(repo, f"{dns}/", f"{repo.root}/")
    assert not old.declared
    assert records(old) == {("example.com.", "TXT", "v=spf1 -all")}
    assert stages(new)["example.com"] == "monitor"


# -- what a repository may hold ---------------------------------------------------------------


def tree(repo: Repo, *entries: tuple[str, str, bytes, bytes]) -> str:
    """A commit of a tree with (mode, type, name, content or id), as no checkout would make it."""
    lines = b""
    for mode, kind, name, content in entries:
        id = content
        if kind == "blob":
            id = repo.git("hash-object", "-w", "--stdin", input=content).encode()
        lines += f"{mode} {kind} ".encode() + id + b"\t" + name + b"\0"
    inner = repo.git("mktree", "-z", "--missing", input=lines)
    outer = repo.git("mktree", input=f"040000 tree {inner}\tzones\n".encode())
    return repo.git("commit-tree", "-m", "x", outer)


@entire
def test_links_in_a_revision_are_found_not_followed(repo):
    commit = tree(repo, ("120000", "blob", b"a.yaml", b"/etc/passwd"),
                  ("100644", "blob", b"b.yaml", OTHER.encode()))  # fmt: skip
    old, _, _ = read(repo, commit, "HEAD")
    assert [found.rule for found in old.findings] == ["file-link"]
    assert set(old.sides) == {"example.org"}


def test_a_submodule_is_refused(repo):
    commit = tree(repo, ("160000", "commit", b"sub", b"1" * 40))
    assert "zones/sub is a submodule" in str(fails(repo, commit, "HEAD"))


def test_names_that_are_no_utf8_and_names_with_line_breaks(repo):
    commit = tree(repo, ("100644", "blob", b"\xff\n\x1b.yaml", ONE.encode()))
    old, _, _ = read(repo, commit, "HEAD")
    assert stages(old) == {"example.com": "monitor"}
    assert all(side.domain.file.isprintable() for side in old.sides.values() if side.domain)


def raw_tree(repo: Repo, name: bytes) -> str:
    """A tree object with a name that `git mktree` would not take."""
    blob = repo.git("hash-object", "-w", "--stdin", input=ONE.encode())
    data = b"100644 " + name + b"\0" + bytes.fromhex(blob)
    inner = repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", input=data)
    data = b"40000 zones\0" + bytes.fromhex(inner)
    outer = repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", input=data)
    return repo.git("commit-tree", "-m", "x", outer)


@pytest.mark.parametrize("name", [b"..", b".", b"../x.yaml", b"a/../../x.yaml"])
def test_paths_that_lead_out_are_refused(repo, name):
    before = set(repo.root.parent.rglob("*.yaml"))
    error = fails(repo, raw_tree(repo, name), "HEAD")
    assert "leads out of the project" in str(error)
    assert set(repo.root.parent.rglob("*.yaml")) == before


def test_a_missing_object_is_told(repo):
    blob = repo.git("rev-parse", "HEAD:zones/a.yaml")
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    repo.write("zones/a.yaml", ONE + "ttl: 300\n")
    error = fails(repo)
    assert f"object {blob} is missing" in str(error)
    assert error.outside


def test_a_huge_blob_is_not_read_whole(repo):
    commit = tree(repo, ("100644", "blob", b"a.yaml", b"#" * (3 << 20)))
    old, _, _ = read(repo, commit, "HEAD")
    assert [found.rule for found in old.findings] == ["file-too-large"]


def test_a_revision_without_a_project(repo):
    empty = repo.git("mktree", input=b"")
    commit = repo.git("commit-tree", "-m", "x", empty)
    assert "holds no folder zones/" in str(fails(repo, commit, "HEAD"))


def test_filters_hooks_and_monitors_of_a_repository_do_not_run(repo):
    repo.git("config", "core.fsmonitor", "touch ran")
    repo.git("config", "diff.external", "touch ran")
    repo.git("config", "diff.x.textconv", "touch ran; cat")
    repo.write(".gitattributes", "*.yaml diff=x\n")
    repo.write("zones/a.yaml", ONE.replace("monitor", "fence"))
    read(repo)
    read(repo, "HEAD", "HEAD")
    assert not list(repo.root.rglob("ran"))


def test_variables_of_another_repository_do_not_count(repo, tmp_path, monkeypatch):
    other = make(tmp_path / "other")
    other.write("zones/a.yaml", OTHER)
    other.commit()
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    assert repository(repo.root).commit("HEAD") != other.git("rev-parse", "HEAD")


def test_git_is_missing(repo, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    error = fails(repo)
    assert "git is not installed" in str(error)
    assert error.outside


# -- only what differs is read -----------------------------------------------------------------


def whole(repo: Repo, monkeypatch: pytest.MonkeyPatch, *names: str) -> tuple[State, State]:
    with monkeypatch.context() as patch:
        patch.setattr(shared, "MAX_SHARE", -1.0)
        old, new, unread = read(repo, *names)
        assert unread == 0
        return old, new


def fill(repo: Repo, count: int = 20) -> None:
    for number in range(count):
        repo.write(f"zones/n{number}.yaml", f"domain: n{number}.example\nstage: parked\n")


def differing(old: State, new: State) -> set[tuple[object, ...]]:
    one, other = ({(*r[:3], ttl) for r, ttl in timed(state)} for state in (old, new))
    return one ^ other


def timed(state: State) -> list[tuple[tuple[str, str, str], int]]:
    return [((v.name, v.type, v.text), v.ttl) for s in state.sides.values() for v in s.values]


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A report address in a domain whose file is the same in both.
        (
            {"x.yaml": TWO, "y.yaml": "domain: reports.example\nstage: parked\n"},
            {"x.yaml": TWO.replace("valimail", '"mailto:d@in.reports.example"')},
        ),
        # A subdomain that comes below a domain whose file is the same.
        (
            {"x.yaml": "domain: shop.example.com\nstage: parked\n", "a.yaml": ONE},
            {"x.yaml": "domain: shop2.example.com\nstage: parked\n"},
        ),
        # A domain moves from file to file.
        (
            {"x.yaml": OTHER.replace("org", "net")},
            {"x.yaml": None, "y.yaml": OTHER.replace("org", "net")},
        ),
        # Defaults and the catalogue bear on every file.
        ({"x.yaml": OTHER.replace("org", "net")}, {"_defaults.yaml": "ttl: 300\n"}),
        # Names in other scripts can be written in several ways.
        (
            {"x.yaml": TWO, "y.yaml": "domain: bücher.example\nstage: parked\n"},
            {"x.yaml": TWO.replace("valimail", '"mailto:d@xn--bcher-kva.example"')},
        ),
    ],
)
def test_what_was_not_read_makes_no_difference(repo, monkeypatch, before, after, committed):
    fill(repo)
    for files in (before, after):
        if files is after:
            repo.commit()
        for name, text in files.items():
            if text is None:
                (repo.root / "zones" / name).unlink()
            else:
                repo.write(f"zones/{name}", text)
    names: tuple[str, ...] = ()
    if committed:
        repo.commit()
        names = ("HEAD~1", "HEAD")
    old, new, _ = read(repo, *names)
    found = differing(old, new)
    assert found == differing(*whole(repo, monkeypatch, *names))
    moved = "y.yaml" in after
    assert bool(found) is not moved


def test_an_unchanged_file_is_not_read(repo):
    fill(repo)
    repo.write("zones/n1.yaml", "domain: n1.example\nstage: parked\nttl: 300\n")
    repo.commit()
    repo.write("zones/n1.yaml", "domain: n1.example\nstage: parked\n")
    repo.commit()
    old, new, unread = read(repo, "HEAD~1", "HEAD")
    assert set(old.sides) == set(new.sides) == {"n1.example"}
    assert unread == 21


def test_files_that_git_is_told_not_to_look_at_are_looked_at(repo):
    fill(repo)
    repo.commit()
    repo.git("update-index", "--assume-unchanged", "zones/n1.yaml")
    repo.write("zones/n1.yaml", "domain: n1.example\nstage: parked\nttl: 300\n")
    _, new, _ = read(repo)
    assert {v.ttl for v in new.sides["n1.example"].values} == {300}


def test_ignored_files_are_declarations_too(repo):
    fill(repo)
    repo.write(".gitignore", "new.yaml\n")
    repo.commit()
    repo.write("zones/new.yaml", "domain: new.example\nstage: parked\n")
    assert "new.example" in read(repo)[1].sides


def test_a_lock_of_a_newer_format_is_a_clear_error(repo):
    repo.write("zones/_lock.yaml", "format: 99\n")
    repo.commit()
    repo.write("zones/_lock.yaml", "format: 98\n")
    old, new, _ = read(repo)
    assert old.findings
    assert {found.place.path for found in new.findings} == {"zones/_lock.yaml"}


def test_git_fails_loudly(repo):
    with pytest.raises(GitError, match="git ls-tree"):
        repository(repo.root).run("ls-tree", "0" * 40)
    assert subprocess.run(["git", "--version"], capture_output=True, check=True).stdout
