"""What every request passes: the journal of what was begun and ended, and who answered, in the response's headers."""
import os
import re

from django.conf import settings
from django.core.cache import cache

from . import records

REQUEST_ID = re.compile(r"[a-z0-9-]{1,64}")


def journal(get_response):
    """A request that a browser has given an id is in the journal from its beginning to the end of its answer."""

    def middleware(request):
        request_id = request.headers.get("X-Browser-Request", "")
        if not REQUEST_ID.fullmatch(request_id):
            return get_response(request)
        records.mark("+", request_id)
        response = get_response(request)
        if response.streaming:
            response.streaming_content = until_the_end(response.streaming_content, request_id)
        else:
            records.mark("-", request_id)
        return response

    return middleware


def until_the_end(pieces, request_id):
    try:
        yield from pieces
    finally:
        records.mark("-", request_id)


def identity(get_response):
    """Which instance and which process answered, who is signed in, and how often this instance has seen the session."""

    def middleware(request):
        response = get_response(request)
        response["X-Instance"] = settings.PORT
        response["X-Pid"] = str(os.getpid())
        user = request.session.get("user")
        if user is not None:
            response["X-User"] = user
            response["X-Visits"] = str(visits(user))
        return response

    return middleware


def visits(user):
    seen = cache.get(user, 0) + 1
    cache.set(user, seen)
    return seen
