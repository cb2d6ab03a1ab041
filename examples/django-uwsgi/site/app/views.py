"""The pages: what an ordinary site has that a load balancer can spoil."""
import hashlib
import re
import time
import uuid

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseForbidden, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import get_token, rotate_token
from django.shortcuts import redirect
from django.views.decorators.http import require_GET
from django.views.static import serve

from . import records

WORD = re.compile(r"[a-z0-9-]{1,64}")


def page(request, body):
    user = request.session.get("user", "nobody")
    return HttpResponse(f"<!doctype html><title>{user}</title><p>Signed in: {user}.</p>{body}")


def form(request, fields):
    token = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
    return page(request, f'<form method="post">{token}{fields}<button>Send</button></form>')


def word(request, field):
    value = request.POST.get(field, "")
    if not WORD.fullmatch(value):
        raise Http404(f"{field} is no word")
    return value


@require_GET
def home(request):
    response = page(request, '<link rel="stylesheet" href="/static/style.css">')
    response.set_cookie("theme", "dark", max_age=3600)
    response.set_cookie("seen", str(int(time.time())), httponly=True)
    response.set_cookie("language", "en", samesite="Lax")
    return response


def login(request):
    """Any name will do. As Django's own view does, it gives the browser a new CSRF token."""
    if request.method != "POST":
        return form(request, '<input name="user">')
    request.session["user"] = word(request, "user")
    rotate_token(request)
    return redirect("/")


def notes(request):
    """The form, with the user's notes; a note that was sent is acknowledged by a redirect to it, as forms do."""
    user = request.session.get("user")
    if user is None:
        return HttpResponseForbidden("Sign in first.")
    if request.method != "POST":
        items = "".join(f"<li>{text}</li>" for _, text in records.notes_of(user))
        return form(request, f'<ul>{items}</ul><input name="text">')
    note_id = uuid.uuid4().hex
    records.take_note(user, note_id, word(request, "text"))
    return redirect(f"/notes/{note_id}/")


@require_GET
def note(request, note_id):
    user = request.session.get("user")
    for known_id, text in records.notes_of(user):
        if known_id == note_id:
            return page(request, f"<p>{text}</p>")
    raise Http404("no such note")


def upload(request):
    if request.method != "POST":
        return form(request, '<input type="file" name="file">')
    file = request.FILES["file"]
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return JsonResponse({"size": file.size, "sha256": digest.hexdigest()})


@require_GET
def slow(request, milliseconds):
    time.sleep(min(milliseconds, 30_000) / 1000)
    return page(request, "<p>At last.</p>")


@require_GET
def stream(request, pieces):
    """Lines, one each 100 ms."""

    def lines():
        for nth in range(min(pieces, 100)):
            yield f"line {nth}\n"
            time.sleep(0.1)

    return StreamingHttpResponse(lines(), content_type="text/plain")


@require_GET
def static(request, path):
    return serve(request, path, document_root=settings.STATIC_FILES)
