"""
Settings of the site, as they are behind any reverse proxy on the same machine. What is particular to one instance comes from
the environment that supervisor gives it: S_PORT, as in every set-up of this kind, and RECORDS, the folder that all share.
"""
import os
from pathlib import Path

SECRET_KEY = os.environ.get("SECRET_KEY", "nothing secret, for the example only")
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
USE_X_FORWARDED_HOST = True
ROOT_URLCONF = "app.urls"
USE_TZ = True

INSTALLED_APPS = ["django.contrib.sessions"]
MIDDLEWARE = [
    "app.middleware.journal",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "app.middleware.identity",
]

# The session travels in a signed cookie, so that any instance can read it: who has signed in survives the death of a server.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024

PORT = os.environ.get("S_PORT", "8080")
RECORDS = Path(os.environ.get("RECORDS", "/tmp"))

# What only this instance has: a cache in a folder of its own, as an application has that keeps files or memory of its users.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(RECORDS / f"instance-{PORT}"),
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

STATIC_FILES = Path(__file__).resolve().parent.parent / "static"
