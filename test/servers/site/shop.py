"""A small Django site in one file: a session, a form with a CSRF token, uploads, redirects, an answer in pieces."""
import hashlib
import os
import runpy
import time

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path

SETTINGS = {
    "SECRET_KEY": "nothing secret, for tests only",
    "ALLOWED_HOSTS": ["*"],
    "ROOT_URLCONF": __name__,
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "INSTALLED_APPS": ["django.contrib.sessions"],
    "MIDDLEWARE": [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    "USE_TZ": True,
}
if "MORE_SETTINGS" in os.environ:
    more = runpy.run_path(os.environ["MORE_SETTINGS"])
    SETTINGS.update({name: value for name, value in more.items() if name.isupper()})
settings.configure(**SETTINGS)


def basket(request):
    """The form, with its token, and what is in the session's basket."""
    body = {"token": get_token(request), "basket": request.session.get("basket", [])}
    return JsonResponse(body)


def buy(request):
    request.session["basket"] = request.session.get("basket", []) + [request.POST["what"]]
    return redirect("/basket/")


def upload(request):
    file = request.FILES["file"]
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return JsonResponse({"name": file.name, "size": file.size, "sha256": digest.hexdigest()})


def pieces(request):
    """Ten pieces, the last nine of which come when the client has had time to see the first."""

    def each():
        for nth in range(10):
            yield f"piece {nth}\n"
            time.sleep(0.2)

    return StreamingHttpResponse(each(), content_type="text/plain")


def seen(request):
    """What of the request the application sees."""
    meta = {name: value for name, value in request.META.items() if name.startswith("HTTP_")}
    return JsonResponse({"path": request.get_full_path(), "method": request.method, "meta": meta})


def permanent(request):
    return redirect(request.build_absolute_uri("/basket/"), permanent=True)


def failing(request):
    return HttpResponse("the application failed", status=500)


urlpatterns = [
    path("basket/", basket),
    path("buy/", buy),
    path("upload/", upload),
    path("pieces/", pieces),
    path("seen/", seen),
    path("permanent/", permanent),
    path("failing/", failing),
]

application = get_wsgi_application()
