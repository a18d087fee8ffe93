"""The child: loads a plan's code cells, runs one function, and says on a pipe of its own what came out.

It imports little, since each attempt is a process: Python alone takes as long. What a run does to its process ends with
it. `main` is called with a number for each of three files, and with the supervisor's process id.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

MODULE = "nbrunbook_code"
"""What the cells' module is called, so that what they define can be found there, as pickle and dataclasses do."""
LONGEST = 200_000
"""Characters of each text that is said: far more than are kept, so that what is cut here is cut off there, once the
values of secrets are masked.
"""
CUT = "\n[…]\n"
"""What stands where something was left out."""
PR_SET_PDEATHSIG = 1
OURS = __file__.removesuffix("child.py")
"""Where the lines of a traceback are ours."""


class Handle:
    """What a function gets that takes `run`."""

    def __init__(self, key: str) -> None:
        self.key = key
        """The same for each run of the step until an end is known: for services that take an idempotency key."""

    def log(self, text: object) -> None:
        """Write a line into the run's output."""
        print(text, flush=True)


def main() -> None:
    """Run what the file behind the first number says, and say on the second what came out; the third is the lock."""
    run, say, _ = begun()
    signal.signal(signal.SIGTERM, _asked_to_end)
    me, pipe = os.getpid(), os.fstat(say)
    said = json.dumps(_came_out(run)).encode() + b"\n"
    if os.getpid() != me:
        os._exit(0)  # the code forked, and its copy came back, too
    flush()
    if os.path.samestat(os.fstat(say), pipe):  # or the code closed all files, and the number is another one's
        with open(say, "wb") as file:  # noqa: PTH123
            file.write(said)


def begun() -> tuple[dict[str, Any], int, list[int]]:
    """Make this process a child of its supervisor's: return the run, the pipe to say it on, and further numbers."""
    request, say, lock, supervisor, *more = map(int, sys.argv[1:])
    for handle in (request, say, lock, *more):
        os.set_inheritable(handle, False)
    _end_with(supervisor)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.argv = [""]
    run = json.loads(os.pread(request, os.fstat(request).st_size, 0))
    os.close(request)
    return run, say, more


def _end_with(supervisor: int) -> None:
    """End when the supervisor does, even in native code that never comes back: prctl(2), on Linux.

    Its guard ends the whole group, everywhere; this one reaches a child that has left the group.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != supervisor:  # it ended before it could be asked for
        os.kill(os.getpid(), signal.SIGKILL)


def _asked_to_end(number: int, _frame: object) -> None:
    """Let `finally` and `with` do their work: the supervisor waits for it some seconds."""
    raise SystemExit(128 + number)


def flush() -> None:
    """Write out what the code has printed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):  # closed by the code, or taken away
            continue


def _came_out(run: Mapping[str, Any]) -> dict[str, str | None]:
    """Never raises, whatever the code does, but for a process that cannot even say so."""
    try:
        function = _function(run)
    except BaseException as error:
        return {"kind": "undecided", **told(error)}
    try:
        value = _text(_called(function, Handle(run["key"])))
    except BaseException as error:
        return {"kind": "failed" if _is_failure(error) else "undecided", **told(error)}
    warning = sys.modules.get("nbrunbook.runbook.warning")
    warned: list[str] = warning.warned if warning else []
    return {"kind": "warned" if warned else "passed", "value": value, "message": cut("\n".join(warned)) or None}


def _function(run: Mapping[str, Any]) -> Callable[..., Any]:
    found = load(run)
    if not callable(found):
        raise NameError(f"the code defines no function {run['function']!r}")
    return found  # type: ignore[no-any-return]


def load(run: Mapping[str, Any]) -> Any:
    """Run the cells in a module of their own, and return what the step's name means there; None where it is unknown."""
    import linecache

    module = types.ModuleType(MODULE)
    sys.modules[MODULE] = module
    sys.path.insert(0, run["root"])
    _enter_site(run["root"])
    vars(module).update({each["name"]: _value(each["type"], each["value"]) for each in run["parameters"]})
    for number, source in enumerate(run["cells"], 1):
        name = f"<code cell {number}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        exec(compile(source, name, "exec", dont_inherit=True), vars(module))  # noqa: S102
    return vars(module).get(run["function"])


def _enter_site(root: str) -> None:
    """Set Django up where its settings are named, for code that imports the project's models."""
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        from pathlib import Path

        from nbrunbook.project import sites

        sites.enter(Path(root))


def _value(type_: str, value: Any) -> Any:
    if type_ not in ("Secret", "Version"):
        return value
    import nbrunbook

    return getattr(nbrunbook, type_)(value)


def _called(function: Callable[..., Any], handle: Handle) -> Any:
    """What a function returns that takes `run`, or nothing; awaited where it wants that."""
    import inspect

    value = function(run=handle) if "run" in inspect.signature(function).parameters else function()
    if inspect.isawaitable(value):
        import asyncio

        async def awaited() -> Any:
            return await value

        value = asyncio.run(awaited())
    if inspect.isgenerator(value) or inspect.isasyncgen(value):
        raise TypeError(f"{getattr(function, '__name__', 'it')} is a generator: nothing of it was run")
    return value


def _is_failure(error: BaseException) -> bool:
    """Whether an assertion failed, or a group of tasks in which nothing else went wrong."""
    if isinstance(error, BaseExceptionGroup):
        return error.split(AssertionError)[1] is None
    return isinstance(error, AssertionError)


def told(error: BaseException) -> dict[str, str | None]:
    """Return an exception's text and traceback, without the lines that are ours."""
    import traceback

    told = traceback.TracebackException.from_exception(error)
    told.stack[:] = [frame for frame in told.stack if not frame.filename.startswith(OURS)]
    message = "".join(told.format_exception_only()).strip()
    if isinstance(error, AssertionError):
        message = message.partition(": ")[2] or (told.stack[-1].line if told.stack else "") or message
    return {"message": cut(message), "traceback": cut("".join(told.format()))}


def _text(value: Any) -> str | None:
    """A value as text: JSON where it is none, and where that cannot be, as Python shows it."""
    if value is None or isinstance(value, str):
        return None if value is None else cut(str(value))
    try:
        return cut(json.dumps(value, ensure_ascii=False, default=repr))
    except (TypeError, ValueError, RecursionError):
        return cut(repr(value))


def cut(text: str, most: int = LONGEST) -> str:
    """Return a text, or its beginning and its end where it is longer."""
    return text if len(text) <= most else f"{text[: most // 2]}{CUT}{text[-most // 2 :]}"
