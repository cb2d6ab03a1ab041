"""
What is remembered on disk, so that it can be counted afterwards: the notes that were taken, and which requests an instance has
begun and ended. A line is appended by one write(2), which the kernel keeps whole among processes that append to one file.
"""
import os
import time

from django.conf import settings


def append(name, line):
    path = settings.RECORDS / name
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)


def mark(sign, request_id):
    """Notes in this instance's journal that a request begins (+) or has ended (-), with the time in ms since 1970."""
    append(f"journal-{settings.PORT}.log", f"{sign} {request_id} {time.time() * 1000:.0f}")


def take_note(user, note_id, text):
    append(f"notes-{user}.log", f"{note_id} {text} {settings.PORT}")


def notes_of(user):
    """All notes of a user as (id, text), oldest first."""
    try:
        lines = (settings.RECORDS / f"notes-{user}.log").read_text().splitlines()
    except FileNotFoundError:
        return []
    return [tuple(line.split(" ")[:2]) for line in lines]
