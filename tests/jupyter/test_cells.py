"""What the cells of a runbook call: it goes live, or says that it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbrunbook.documents import notebook
from nbrunbook.errors import JournalError, NotLiveError
from nbrunbook.jupyter import cells
from nbrunbook.jupyter.cells import Cells
from nbrunbook.jupyter.live import CELLS_NOT_RUN, Live
from nbrunbook.jupyter.panel import Panel, Static, place_of
from tests.conftest import MakeRunbook, Workplace
from tests.jupyter.conftest import wait
from tests.making import HOSTILE, forget

FILE = Path("runbooks") / "staging" / "1.0.ipynb"


@pytest.fixture
def kernel(work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cells]:
    """What cells call in a kernel of a runbook's notebook, which Jupyter started in the notebook's folder."""
    runbook("## One\n- [ ] A {#a}\n## Two\n- [ ] B {#b}")
    monkeypatch.setenv("JPY_SESSION_NAME", str(work.root / FILE))
    monkeypatch.chdir((work.root / FILE).parent)
    lives: list[Live] = []
    go_live = cells.go_live
    monkeypatch.setattr(cells, "go_live", lambda path: lives.append(go_live(path)) or lives[-1])
    yield Cells()
    for each in lives:
        each.stop()


def words(shown: Panel | Static) -> str:
    """Return what a cell says that is not live."""
    assert isinstance(shown, Static)
    return shown.plain


def test_all_cells_of_a_kernel_share_one_session(kernel: Cells) -> None:
    """It goes live with the first call, whichever cell it is; a cell that runs again draws the same panel."""
    one, two, end = kernel.checklist("one"), kernel.checklist("two"), kernel.sign_off()
    for each in (one, two, end):
        assert isinstance(each, Panel)
    assert one.live is two.live is end.live
    assert (list(one.view["steps"]), list(two.view["steps"]), end.role) == (["a"], ["b"], "sign-off")
    again = kernel.checklist("one")
    assert again is one
    assert two.live.panels == [one, two, end]  # type: ignore[attr-defined,union-attr]


def test_the_projects_root_becomes_the_folder(kernel: Cells, work: Workplace) -> None:
    """The author's cells find the project's files, wherever the notebook stands."""
    kernel.sign_off()
    assert Path.cwd() == work.root


def test_a_header_says_what_to_do_where_it_stays_dead(kernel: Cells, capsys: pytest.CaptureFixture[str]) -> None:
    """The hint is an output of its own, so that it is there where the widget is not."""
    assert isinstance(kernel.header(), Panel)
    assert "HTML object" in capsys.readouterr().out


def test_a_notebook_that_is_no_runbook_is_not_live(kernel: Cells, work: Workplace) -> None:
    """A template, or any other notebook, records nothing."""
    (work.root / FILE).write_bytes((work.root / "templates" / "1.0.ipynb").read_bytes())
    assert words(kernel.sign_off()) == "NOT LIVE: 1.0.ipynb is no runbook; make one with 'nbrunbook instantiate'"


def test_a_runbook_that_no_journal_knows_is_not_live(kernel: Cells, work: Workplace) -> None:
    """Clicking would record nothing: that is said in place of anything to click, until the journal is there."""
    forget(work)
    assert words(kernel.checklist("one")).startswith("NOT LIVE: nothing that is clicked here would be recorded (")


def test_a_notebook_that_is_another_runbook_is_not_live(kernel: Cells, work: Workplace) -> None:
    """A copy of one in another journal has the same key: it is told, with what opens the journal's own."""
    document = json.loads((work.root / FILE).read_bytes())
    document["metadata"]["nbrunbook"]["created_by"] = "eve"
    (work.root / FILE).write_bytes(notebook.dump(document))
    told = words(kernel.sign_off())
    assert "1.0.ipynb and the journal disagree on what staging/1.0 is" in told
    assert "'nbrunbook work staging/1.0' opens the journal's own" in told


def test_a_kernel_that_does_not_say_its_notebook_is_not_live(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a name, and with one that leads nowhere, the error says how to open a runbook."""
    for name in ("", str(tmp_path / "gone.ipynb"), str(tmp_path)):
        monkeypatch.setenv("JPY_SESSION_NAME", name)
        with pytest.raises(NotLiveError, match=r"does not say which notebook .*'nbrunbook work KEY'"):
            cells.notebook_path()
    (tmp_path / "a.ipynb").touch()
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "a.ipynb"))
    assert cells.notebook_path() == tmp_path / "a.ipynb"


def test_what_is_not_live_cannot_pass_for_a_page() -> None:
    """The words are one alert, whatever is in them, and say NOT LIVE whichever error it was."""
    shown = cells.not_live(JournalError(HOSTILE["script"], "a journal"))
    assert shown.plain == f"NOT LIVE: {HOSTILE['script']}; expected a journal"
    assert shown.html.startswith('<div class="nbr-not-live" role="alert"><strong>NOT LIVE: &lt;script&gt;')
    assert "<script" not in shown.html
    assert cells.not_live(NotLiveError("x", "do y")).plain == "NOT LIVE: x; do y"


def test_a_new_kernel_makes_the_panels_that_a_page_shows(kernel: Cells) -> None:
    """Under the ids that they had in the kernel before, without running a cell; the header says so until one is run."""
    assert json.loads(kernel.heard()) == {"panels": [], "silent_seconds": -1}
    kernel.come_back()
    kernel.come_back()
    end = kernel.sign_off()
    assert isinstance(end, Panel)
    live = end.live
    assert isinstance(live, Live)
    roles = [(each.role, each.section) for each in live.panels]
    assert roles == [("header", ""), ("checklist", "one"), ("checklist", "two"), ("sign-off", "")]
    assert [each.model_id for each in live.panels] == [place_of(live.runbook, *each) for each in roles]
    wait(lambda: live.panels[0].view["trouble"] == CELLS_NOT_RUN)
    kernel.header()
    wait(lambda: live.panels[0].view["trouble"] == "")


def test_a_page_that_shows_it_is_heard(kernel: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    """`work` asks for how long none was: a notebook that somebody looks at is not written."""
    monkeypatch.setattr(Panel, "send", lambda *_: None)
    end = kernel.sign_off()
    assert isinstance(end, Panel)
    assert json.loads(kernel.heard()) == {"panels": [end.place], "silent_seconds": -1}
    end.live.answer(end, {"ask": "beat", "id": "1"})
    assert 0 <= json.loads(kernel.heard())["silent_seconds"] < 60
