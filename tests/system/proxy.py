"""A network between a browser and a server that can fail."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """Passes bytes between its own port and a server's on 127.0.0.1, as long as nothing is broken."""

    def __init__(self, server: int) -> None:
        self.server = server
        self.swallowing = False
        self.flowing = threading.Event()
        self.flowing.set()
        self.open: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_packets(self) -> None:
        """Pass nothing on, in both directions, and let new connections wait: nobody is told."""
        self.flowing.clear()

    def swallow_answers(self) -> None:
        """Pass what the browser says, and nothing of what the server says, until the connections are cut."""
        self.swallowing = True

    def cut(self) -> None:
        """End every connection; what was on its way is lost."""
        for each in list(self.open):
            _end(each)
        self.swallowing = False

    def mend(self) -> None:
        """Pass everything again, also what waited."""
        self.flowing.set()

    def close(self) -> None:
        """End the connections and listen no more."""
        _end(self.listener)
        self.cut()
        self.mend()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = self.listener.accept()
                threading.Thread(target=self._join, args=(browser,), daemon=True).start()

    def _join(self, browser: socket.socket) -> None:
        self.flowing.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self.server))
        except OSError:
            return browser.close()
        self.open |= {browser, server}
        threading.Thread(target=self._pass, args=(browser, server), daemon=True).start()
        return self._pass(server, browser, answers=True)

    def _pass(self, source: socket.socket, sink: socket.socket, *, answers: bool = False) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                self.flowing.wait()
                if not (answers and self.swallowing):
                    sink.sendall(content)
        self.open -= {source, sink}
        _end(source)
        _end(sink)


def _end(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)  # wakes whoever reads from it
    each.close()
