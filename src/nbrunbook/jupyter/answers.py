"""What a browser asks of a live session, and the three answers: done, refused, not known.

*Refused* is said only where nothing was recorded; where nobody knows, the browser asks again by the event's id.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from nbrunbook.errors import NOTHING_RECORDED, JournalBusyError, JournalError, NbrunbookError, RefusedError, bug
from nbrunbook.jupyter import batch_answers, run_answers
from nbrunbook.jupyter.asked import Asked, Message, Reply
from nbrunbook.jupyter.boards import Boards
from nbrunbook.jupyter.panel import CODE, Panel
from nbrunbook.jupyter.step_texts import StepTexts
from nbrunbook.project import operator
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, offers
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.evidence import EvidenceFile
from nbrunbook.work import batches
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session


class Answers:
    """Answers the messages of all panels of one session."""

    def __init__(self, session: Session, project: Project, changed: Callable[[], None], boards: Boards) -> None:
        """`changed` is called once something was recorded, before the answer goes out."""
        self.session, self.project, self.changed, self.boards = session, project, changed, boards
        self.void: set[str] = set()
        """Ids of events that a browser was told are not recorded: they never will be."""
        self.texts = StepTexts(session)
        self._heard: float | None = None
        self.worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nbrunbook-events")
        self.slow = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nbrunbook-databases")

    def answer(self, panel: Panel, message: object, buffers: Sequence[Any] = ()) -> None:
        """Answer one message: a beat at once, an event when the journal has answered.

        Events go through one worker, in order, so that a slow journal never looks like a dead kernel,
        and a question after an event is asked after it.
        """
        asked: Message = message if isinstance(message, dict) else {}
        at_once = AT_ONCE.get(str(asked.get("ask")))
        if at_once is not None:
            panel.send(at_once(self, asked))
        elif asked.get("ask") in BESIDE:
            (self.slow if asked["ask"] in SLOW else self.worker).submit(self._beside, panel, asked)
        else:
            self.worker.submit(self._event, panel, asked, [bytes(each) for each in buffers])

    def silent_seconds(self) -> float:
        """Return how long no page was heard that shows the runbook, each speaks every 1.5 s; -1 for never."""
        return -1 if self._heard is None else time.monotonic() - self._heard

    def _code(self, _: Message) -> dict[str, Any]:
        return {"answer": "code", **CODE}

    def _here(self, message: Message) -> dict[str, Any]:
        self._heard = time.monotonic()
        who, at = self._operator(message), events.instant(events.now())
        known = {"known": f"{who.known}: {who.known_by}", "may_rename": who.known != "verified"}
        return {"reply_to": message.get("id", ""), "answer": "here", "operator": who.name, **known, "now": at}

    def _steps(self, message: Message) -> dict[str, Any]:
        """Answer a search: all steps, with what is written in each."""
        return {"reply_to": message.get("id", ""), "answer": "steps", "steps": self.texts.steps()}

    def _board(self, message: Message) -> dict[str, Any]:
        """Answer with what is news on a batch's board."""
        news = self.boards.since(str(message.get("step", "")), str(message.get("seen", "")))
        return {"reply_to": message.get("id", ""), "answer": "done", **news}

    def _operator(self, message: Message) -> Operator:
        named = operator.from_browser(str(message.get("username", "")), self.project.operators)
        typed = operator.from_keyboard(str(message.get("typed", "")), self.project.operators)
        return named or typed or self.session.operator

    def _file(self, message: Message) -> Reply:
        """Return a file that was given as evidence."""
        given = self.session.progress.of(self.session.step(str(message.get("step", ""))).id).file
        content = self.session.file(given.data["file"]) if given else None
        if not given or not content:
            return {"answer": "refused", "why": "the journal does not hold the file"}, []
        return {"answer": "done", "name": given.data.get("name", "")}, [content]

    def _beside(self, panel: Panel, message: Message) -> None:
        """Answer what becomes no event of a browser's."""
        try:
            reply, content = BESIDE[str(message["ask"])](self, message)
        except RefusedError as error:
            reply, content = {"answer": "refused", "why": error.why}, []
        except Exception as error:
            reply, content = {"answer": "refused", "why": str(error)}, []
        panel.send({"reply_to": message.get("id", ""), **reply}, content)

    def _event(self, panel: Panel, message: Message, buffers: Sequence[bytes]) -> None:
        """Answer in every case: an exception here would be seen nowhere."""
        event_id = str(message.get("event", ""))
        reply: dict[str, Any]
        try:
            reply = self._recorded(message, event_id, buffers)
        except JournalBusyError as error:
            was_to_be_written = error.recorded == NOTHING_RECORDED
            reply = self._never(event_id, str(error)) if was_to_be_written else self._look(event_id, error.found)
        except RefusedError as error:
            reply = {"answer": "refused", "why": error.why}
        except JournalError as error:
            reply = self._look(event_id, error.found)
        except NbrunbookError as error:
            reply = {"answer": "refused", "why": str(error)}
        except Exception as error:
            reply = self._look(event_id, bug(error))
        panel.send({"reply_to": message.get("id", ""), **reply})

    def _recorded(self, message: Message, event_id: str, buffers: Sequence[bytes]) -> dict[str, Any]:
        what = str(message.get("ask", ""))
        if what == "find":
            return self._look(event_id)
        if not events.is_id(event_id):
            raise RefusedError(f"cannot {what}", "the browser sent no id for the event")
        asked = Asked(
            what=what,
            event_id=event_id,
            step=str(message.get("step", "")),
            message=message,
            operator=self._operator(message),
            file=EvidenceFile(name=str(message.get("name", "")), content=buffers[0]) if buffers else None,
        )
        with self.session.lock:
            if event_id in self.void:
                raise RefusedError(f"cannot {what}", "it came too late; click again")
            EVENTS.get(what, Answers._click)(self, asked)
        self.changed()
        return {"answer": "done"}

    def _look(self, event_id: str, why: str = "") -> dict[str, Any]:
        """Say that nothing was recorded only where the journal says so itself; `why` it is asked is told with it."""
        try:
            return self._found(event_id, why or "the journal does not hold it")
        except Exception as error:
            return {"answer": "unknown", "why": why or str(error)}

    def _never(self, event_id: str, why: str) -> dict[str, Any]:
        """It is not recorded, and nothing that still arrives under this id will be."""
        self.void.add(event_id)
        return {"answer": "refused", "why": why}

    def _found(self, event_id: str, why: str) -> dict[str, Any]:
        if self.session.find(event_id) is None and not batches.has_joined(self.session, event_id):
            return self._never(event_id, why)
        self.session.refresh()
        self.changed()
        return {"answer": "done"}

    # What becomes an event

    def _sign_off(self, asked: Asked) -> Event:
        copy = self.project.session_path(self.session.key)
        return self.session.sign_off(copy, event_id=asked.event_id, operator=asked.operator)

    def _archive(self, asked: Asked) -> Event:
        archive(self.session, self.project, operator=asked.operator, event_id=asked.event_id)
        return cast(Event, self.session.progress.archived)

    def _open(self, asked: Asked) -> Event:
        opened = self.session.open_section(asked.step, event_id=asked.event_id, operator=asked.operator)
        if opened is None:
            raise RefusedError(f"cannot open {asked.step}", "it is open already")
        return opened

    def _close(self, asked: Asked) -> Event:
        return self.session.close_section(asked.step, event_id=asked.event_id, operator=asked.operator)

    def _add(self, asked: Asked) -> Event:
        title, after = asked.text("title"), asked.text("after")
        return self.session.add(title, after=after, event_id=asked.event_id, operator=asked.operator)

    def _run(self, asked: Asked) -> None:
        run_answers.run(self.session, self.project, asked)

    def _say(self, asked: Asked) -> Event:
        return run_answers.say(self.session, asked)

    def _click(self, asked: Asked) -> Event:
        if asked.what not in offers.CLICKS:
            raise RefusedError(f"cannot {asked.what}", "this nbrunbook does not know it")
        said = {name: asked.text(name) for name in ("note", "reason", "evidence")}
        said["let_go"] = "yes" if asked.what == "release" else ""
        kind, who = offers.CLICKS[asked.what], asked.operator
        return self.session.append(kind, asked.step, data=said, event_id=asked.event_id, operator=who, file=asked.file)


AT_ONCE: Mapping[str, Callable[[Answers, Message], dict[str, Any]]] = {
    "code": Answers._code,
    "hello": Answers._here,
    "beat": Answers._here,
    "steps": Answers._steps,
    "board": Answers._board,
}
"""What is answered without the journal."""
BESIDE: Mapping[str, Callable[[Answers, Message], Reply]] = {
    "file": Answers._file,
    "output": lambda answers, message: run_answers.output(answers.session, message),
    "log": lambda answers, message: run_answers.log(answers.session, message),
    "refused": lambda answers, message: batch_answers.refused(answers.session, answers.project, message),
    "stop": lambda answers, message: run_answers.stop(answers.session, message, answers._operator(message)),
}
"""What becomes no event of a browser's, and is answered in order with those."""
SLOW = ("refused",)
"""Those of them for which databases are asked that may be away: no event waits for them."""
EVENTS: Mapping[str, Callable[[Answers, Asked], Event | None]] = {
    "sign-off": Answers._sign_off,
    "archive": Answers._archive,
    "open": Answers._open,
    "close": Answers._close,
    "add": Answers._add,
    "run": Answers._run,
    "pause": lambda answers, asked: batch_answers.pause(answers.session, asked),
    "resume": lambda answers, asked: batch_answers.resume(answers.session, asked),
    "resize": lambda answers, asked: batch_answers.resize(answers.session, asked),
    "join": Answers._run,
    "rerun": lambda answers, asked: batch_answers.rerun(answers.session, answers.project, asked),
    "it-ran": Answers._say,
    "it-did-not": Answers._say,
}
"""What becomes an event of its own; all else is a click on a step, or unknown."""
