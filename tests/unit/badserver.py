"""A server on loopback that serves files well, or misbehaves exactly as a test says.

    server.on("/file", truncate(content, 1000), serve(content))

answers the first request for /file with the first behaviour, the second with the second, and all later ones with the
last. `server.asked` lists the requests. To serve files correctly, with Range: `server.on(path, serve(content))`.
"""

import hashlib
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Answers as scripted; what is not scripted is 404."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts, self.asked, self.closing, self.lock = {}, [], threading.Event(), threading.Lock()

    def on(self, path, *behaviours):
        """Set how requests for a path are answered, and return the address."""
        self.scripts[path] = list(behaviours)
        return self.address(path)

    def address(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.server_address[1]}{path}"

    def ranges(self, path=None):
        """Return the Range of each request (None without one), in order."""
        return [headers.get("Range") for asked, headers in self.asked if path in (None, asked)]

    def handle_error(self, request, client_address):
        """Stay silent: clients leave in the middle, as some tests make them do."""

    def next_behaviour(self, path, headers):
        with self.lock:
            self.asked.append((path, dict(headers)))
            script = self.scripts.get(path.partition("?")[0], [status(404)])
            return script.pop(0) if len(script) > 1 else script[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.next_behaviour(self.path, self.headers)(self)

    do_POST = do_GET

    def start(self, code, headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def running():
    """Run a server until the block ends."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()  # stalled answers end
        server.shutdown()
        server.server_close()
        thread.join()


def serve(
    content, *, etag=True, modified=None, ignore_range=False, length=True, kind="application/octet-stream", **headers
):
    """Serve a file well: whole, or from where a Range says."""
    return _body(content, len(content), False, etag, modified, ignore_range, length, kind, headers)


def truncate(content, after, **keys):
    """Announce the whole file (or the rest), end the connection when the file's first `after` bytes are sent."""
    return _cut(content, after, False, **keys)


def stall(content, after, **keys):
    """Announce the whole file, send nothing more when its first `after` bytes are sent, keep the connection open."""
    return _cut(content, after, True, **keys)


def status(code, body=b"", **headers):
    """Answer a status; names of headers are written with `_` for `-`."""

    def answer(handler):
        handler.start(code, {"Content-Length": len(body), **_named(headers)})
        handler.wfile.write(body)

    return answer


def html(code=200, kind="text/html; charset=utf-8"):
    """Answer a web page."""
    return status(code, b"\n<!DOCTYPE html><html><body>Are you a browser?</body></html>", content_type=kind)


def redirect(address, code=302):
    """Redirect."""
    return status(code, location=address)


def chunked(content, *, complete=True):
    """Send a file in chunks, without telling its length; or end the connection before the last chunk."""

    def answer(handler):
        handler.start(200, {"Transfer-Encoding": "chunked"})
        for piece in (content[: len(content) // 2], content[len(content) // 2 :])[: 2 if complete else 1]:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n" if complete else b"")
        handler.close_connection = True

    return answer


def silent():
    """Accept the request and answer nothing."""
    return lambda handler: handler.server.closing.wait(30)


def hang_up():
    """Close the connection without an answer."""

    def answer(handler):
        handler.close_connection = True

    return answer


def _cut(content, after, stalls, *, etag=True, modified=None, ignore_range=False, length=True):
    return _body(content, after, stalls, etag, modified, ignore_range, length, "application/octet-stream", {})


def _body(content, end, stalls, etag, modified, ignore_range, length, kind, extra):
    headers = {"Content-Type": kind, **_named(extra)}
    if etag:
        headers["ETag"] = etag if isinstance(etag, str) else f'"{hashlib.md5(content).hexdigest()}"'
    if modified:
        headers["Last-Modified"] = modified

    def answer(handler):
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        begin = int(asked[1]) if asked and not ignore_range else 0
        if begin >= len(content) > 0:
            handler.start(416, {"Content-Range": f"bytes */{len(content)}", "Content-Length": 0})
            return
        part = {"Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"} if begin else {}
        size = {"Content-Length": len(content) - begin} if length else {"Connection": "close"}
        handler.start(206 if begin else 200, {**headers, **part, **size})
        handler.wfile.write(content[begin:end])
        handler.wfile.flush()
        if stalls:
            handler.server.closing.wait(30)
        if stalls or not length or end < len(content):
            handler.close_connection = True

    return answer


def _named(headers):
    return {name.replace("_", "-").title(): value for name, value in headers.items()}
