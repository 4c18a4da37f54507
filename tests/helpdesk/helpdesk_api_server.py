"""A server on loopback with nothing but the API, as the application has it around."""

import asyncio
import socket
import threading

from sanic import Sanic
from sanic.response import json as json_response
from sanic.touchup.service import TouchUp

from bot.channels.guard import LARGEST_BODY, RateLimits
from bot.channels.web import StrictRequest, add_headers
from bot.helpdesk.api import Tokens, blueprint

SECONDS = 60
TOKEN = "a-token-that-only-the-tests-know-0123456789"
OTHER_TOKEN = "another-token-of-another-program-0123456789"
MANY = (600_000, 100_000)


class ApiServer:
    """The API in a thread of its own."""

    def __init__(self, parse, tokens=f"{TOKEN},{OTHER_TOKEN}", requests=MANY, tries=MANY):
        Sanic._app_registry.clear()
        app = Sanic("api_under_test", request_class=StrictRequest, configure_logging=False)
        app.config.REQUEST_MAX_SIZE = LARGEST_BODY
        app.config.FALLBACK_ERROR_FORMAT = "json"
        app.register_middleware(add_headers, "response")

        @app.exception(Exception)
        async def refuse(request, error):
            status = getattr(error, "status_code", 500)
            self.failures += [repr(error)] if status >= 500 else []
            document = {"error": "refused", "message": "refused by the server"}
            return json_response(document, status=status, headers=getattr(error, "headers", None))

        self.failures = []
        limits = RateLimits("memory", requests, tries, tries)
        app.blueprint(blueprint(parse, Tokens.given({"TRIAGE_API_TOKENS": tokens}).authenticate, limits))
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(SECONDS)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()

    async def _serve(self):
        self._stopped = asyncio.Event()
        serving = await self._app.create_server(sock=self._listener, return_asyncio_server=True, access_log=False)
        await serving.startup()
        TouchUp._registry.clear()  # Sanic rewrites its classes when it starts, and fails when it does so twice
        await serving.before_start()
        await serving.after_start()
        self._started.set()
        await self._stopped.wait()
        await serving.before_stop()
        serving.close()
        for connection in list(serving.connections):
            connection.abort()
        await serving.after_stop()

    def stop(self):
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()
        Sanic._app_registry.clear()
